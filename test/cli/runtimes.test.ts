/** `bertwright runtimes` in a process of its own, with a pip of the test's. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runCommand } from "./command.ts";

let folder: string;
let env: Record<string, string>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "runtimes-"));
  const path = join(folder, "bin");
  await mkdir(path);
  await symlink(process.execPath, join(path, "node"));
  env = { PATH: path, XDG_CACHE_HOME: join(folder, "cache"), HF_HUB_OFFLINE: "", BERTWRIGHT_OPENVINO: "" };
});
afterEach(() => rm(folder, { recursive: true }));

const command = (...words: string[]) => runCommand(["runtimes", ...words], { cwd: folder, env });
const left = () => readdir(join(folder, "cache", "bertwright", "runtimes"));

it("lists the runtimes as one JSON object", async () => {
  const { status, stdout, stderr } = await command("--json");
  expect([status, stderr]).toEqual([0, ""]);
  const { runtimes } = JSON.parse(stdout) as { runtimes: { name: string; available: boolean }[] };
  expect(runtimes.map(({ name, available }) => `${name} ${available}`)).toEqual([
    "onnxruntime true",
    "onnxruntime-binding true",
    "openvino false",
  ]);
});

it("says what to do without pip", async () => {
  const { status, stderr } = await command("install", "openvino", "--progress", "none");
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^Error: openvino==\S+ cannot be downloaded: pip is not installed\.\n.*\n.*--from openvino.*whl\n$/,
  );
  expect(await left()).toEqual([]);
});

it("asks pip for the wheel of this machine, and takes no other", async () => {
  const script = join(folder, "bin", "python3");
  await writeFile(script, `#!${process.execPath}\n${FAKE_PIP}`);
  await chmod(script, 0o755);
  const { status, stderr } = await command("install", "openvino", "--progress", "none");
  expect(stderr).toMatch(/^Error: openvino-.*\.whl: what pip downloaded is not the file that was published/);
  expect(status).toBe(1);
  const asked = await readFile(join(folder, "asked"), "utf8");
  expect(asked).toMatch(
    /^-m pip download --no-deps --only-binary=:all: .*--platform \S+ .*openvino==[\d.]+$/,
  );
  expect(await left()).toEqual([]);
});

/** Puts a file where pip would, under the name that the command waits for. */
const FAKE_PIP = `
const { writeFileSync } = require("node:fs");
const words = process.argv.slice(2);
writeFileSync("asked", words.join(" "));
const platform = words[words.indexOf("--platform") + 1];
const folder = words[words.indexOf("-d") + 1];
writeFileSync(folder + "/openvino-2026.4.1-22982-cp311-cp311-" + platform + ".whl", "<html>");
`;
