/** A slice of each suite that needs no long time, and the command. */
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { torture } from "./torture.ts";

async function run(...argv: string[]) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const status = await torture(argv, streams);
  const text = (stream: PassThrough) => String(stream.read() ?? "");
  return { status, stdout: text(streams.stdout), stderr: text(streams.stderr) };
}

it.each(["kill", "power", "disk", "rot"])("what %s tries holds", async (suite) => {
  const { status, stdout, stderr } = await run("--suite", suite, "--quick");
  expect(stderr).toBe("");
  expect(stdout).toMatch(new RegExp(`^${suite}: [1-9]\\d* cases held, in `, "m"));
  expect(status).toBe(0);
});

it("refuses a suite that it does not have", async () => {
  const { status, stderr } = await run("--suite", "floods");
  expect(status).toBe(2);
  expect(stderr).toContain("--suite floods");
});
