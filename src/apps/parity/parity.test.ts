/** The parity command: lines, last line, exit status. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, expect, it } from "vitest";
import { parity } from "./parity.ts";

const FIXTURES = join(import.meta.dirname, "../../../test/fixtures");
const folder = mkdtempSync(join(tmpdir(), "parity-command-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const status = await parity(argv, streams);
  const text = (stream: PassThrough) => String(stream.read() ?? "");
  return { status, lines: text(streams.stdout).trimEnd().split("\n"), stderr: text(streams.stderr) };
}

it("runs the project's own cases where no folder is given", async () => {
  const { status, lines } = await run();
  expect(status).toBe(0);
  expect(lines.at(-1)).toMatch(/^[1-9]\d* passed, 0 failed, 0 skipped$/);
  expect(lines).toContainEqual(expect.stringMatching(/^bert\/question-answering +passed {2}loss /));
  expect(lines).toContainEqual(expect.stringMatching(/^bert\/sequence-regression +passed {2}loss /));
});

it("exits with 1 where a case fails, having run them all, on the runtime that is asked for", async () => {
  for (const kind of ["sequence-classification", "sequence-regression", "token-classification"])
    cpSync(join(FIXTURES, "bert", kind), join(folder, "bert", kind), { recursive: true });
  writeFileSync(join(folder, "bert/sequence-classification/expected.json"), '{"loss": 1, "logits": [[1]]}');
  const config = join(folder, "bert/token-classification/config.json");
  writeFileSync(
    config,
    readFileSync(config, "utf8").replace("BertForTokenClassification", "BertForMaskedLM"),
  );
  const { status, lines } = await run(folder, "--runtime", "onnxruntime-binding");
  expect(status).toBe(1);
  expect(lines[0]).toMatch(/^bert\/sequence-classification +failed {2}loss .* \(limit 1e-5\)/);
  expect(lines.slice(3)).toEqual([
    expect.stringMatching(/^tokenizer\/ +not in this folder$/),
    expect.stringMatching(/^metrics.json +not in this folder$/),
    "1 passed, 1 failed, 1 skipped",
  ]);
});

it.each([
  [["nowhere"], 1, /Error: nowhere: no such folder/],
  [["--runtime", "tensorrt"], 2, /Error: --runtime tensorrt: choose auto/],
  [["--runtme", "auto"], 2, /did you mean --runtime\?/],
  [["a", "b"], 2, /Unexpected "b": parity takes one folder/],
])("reports wrong usage: %s", async (argv, status, message) => {
  const result = await run(...argv);
  expect(result.status).toBe(status);
  expect(result.stderr).toMatch(message);
});

it("prints help", async () => {
  const { status, lines } = await run("--help");
  expect(status).toBe(0);
  expect(lines.join("\n")).toContain("N passed, N failed, N skipped");
});
