/** run.json as it is written and read, and what is said of one that is not as it was written. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../../test/helpers/refusal.ts";
import { finishedRun, type RunFile, readRunFile, writeRunFile } from "./run-file.ts";

const HASH = "0123456789abcdef".repeat(4);

const RUN: RunFile = {
  format: 1,
  status: "running",
  started: "2026-01-02T03:04:05.678Z",
  options: {
    train: { value: "train.tsv", origin: "given" },
    learningRate: { value: 1e-4, origin: "recipe" },
  },
  versions: {
    bertwright: "1.2.3",
    node: "20.19.0",
    platform: "linux x64",
    processor: "Example 1",
    runtime: "onnxruntime",
    runtime_version: "1.30.0",
    precision: "float32",
    threads: 2,
  },
  model: { name: "model", sha256: { "model.safetensors": HASH } },
  data: { train: { name: "train.tsv", sha256: HASH, rows: 3 } },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-run-file-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("reads what it wrote", async () => {
  await writeRunFile(folder, RUN);
  expect(await readRunFile(folder)).toEqual(RUN);
  const resumed = { ...RUN, resumed_from: [7], drift: [{ name: "threads", before: 1, now: 2 }] };
  await writeRunFile(folder, resumed);
  expect(await readRunFile(folder)).toEqual(resumed);
});

it("a finished run has the time of its end", async () => {
  await writeRunFile(folder, finishedRun(RUN));
  const { status, finished, ...rest } = await readRunFile(folder);
  expect(status).toBe("finished");
  expect(new Date(finished ?? "").toISOString()).toBe(finished);
  expect({ ...rest, status: "running" }).toEqual(RUN);
});

describe("refuses", () => {
  const { options, data, model } = RUN;
  it.each<[string, object, string]>([
    ["another format", { format: 2 }, "format is 2, and 1 is read"],
    ["no status", { status: undefined }, "status is undefined"],
    ["options that are a list", { options: [] }, "options is missing"],
    ["a bare value", { options: { ...options, seed: 1 } }, "options.seed has no value and origin"],
    ["an origin that is none", { options: { seed: { value: 1, origin: "luck" } } }, "options.seed"],
    ["weights without a hash", { model: { ...model, sha256: undefined } }, "model.sha256"],
    [
      "data without a hash",
      { data: { ...data, validation: { name: "d", sha256: "no" } } },
      "data.validation",
    ],
  ])("%s", async (_name, changes, expected) => {
    writeFileSync(join(folder, "run.json"), JSON.stringify({ ...RUN, ...changes }));
    const message = await refusal(readRunFile(folder));
    expect(message).toContain(`${folder}/run.json: `);
    expect(message).toContain(expected);
  });

  it("a file that is cut off", async () => {
    await writeRunFile(folder, RUN);
    const whole = readFileSync(join(folder, "run.json"), "utf8");
    writeFileSync(join(folder, "run.json"), whole.slice(0, whole.length / 2));
    expect(await refusal(readRunFile(folder))).toContain("run.json");
  });

  it("a folder without one", async () => {
    expect(await refusal(readRunFile(join(folder, "none")))).toContain("run.json is missing");
  });
});
