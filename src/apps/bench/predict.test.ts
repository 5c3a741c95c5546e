/** Prediction against stub peers: who is asked what, in which ways, and what is said of a peer that cannot. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyRows, writeTinyModel } from "../../../test/cli/tiny-model.ts";
import { bench } from "./bench.ts";

const ROWS = 12;
const folder = mkdtempSync(join(tmpdir(), "bench-predict-"));
const jsonFile = join(folder, "figures.jsonl");
const asked = join(folder, "asked.jsonl");
const [data, python, modules] = [join(folder, "data"), join(folder, "python"), join(folder, "node")];
let model: string;
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  model = writeTinyModel(join(folder, "model"));
  mkdirSync(join(data, "sst2"), { recursive: true });
  mkdirSync(join(data, "conll2003"));
  writeFileSync(join(data, "sst2/dev.tsv"), tinyRows(ROWS));
  writeFileSync(join(data, "conll2003/eng.testa"), "good NN O B-X\nday NN O O\n\nbad NN O B-X\n\n".repeat(3));
  writePython();
  writeTransformers();
});

/** Sorted rows take it 1 s, its pipeline 2 s; it keeps what it was asked. */
function writePython(): void {
  const script = join(folder, "stub.mjs");
  writeFileSync(
    script,
    `import { appendFileSync, mkdirSync } from "node:fs";
    import { createInterface } from "node:readline";
    for await (const line of createInterface({ input: process.stdin })) {
      appendFileSync(${JSON.stringify(asked)}, line + "\\n");
      const request = JSON.parse(line);
      if ("export" in request) mkdirSync(request.to);
      const seconds = request.way === "sorted" ? 1 : 2;
      const labels = request.task === "text-classification" ? ["positive", "neither"] : [];
      console.log(JSON.stringify({ seconds, labels, peak_memory_mb: 123456, with: "stub 1.0" }));
    }`,
  );
  writeFileSync(python, `#!/bin/sh\nexec ${process.execPath} ${script}\n`, { mode: 0o755 });
}

/** A package whose pipeline labels every text with its model's folder. */
function writeTransformers(): void {
  const own = join(modules, "node_modules/@huggingface/transformers");
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, "package.json"), JSON.stringify({ version: "9.9.9", main: "index.cjs" }));
  writeFileSync(
    join(own, "index.cjs"),
    `exports.env = {};
    exports.pipeline = async (task, name, options) => {
      if (options.dtype !== "fp32" || exports.env.allowRemoteModels !== false) throw new Error("asked wrongly");
      console.log("a library that prints");
      return async (texts) => texts.map(() => (task === "text-classification" ? { label: name } : []));
    };`,
  );
}

async function run(...argv: string[]) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const status = await bench(["--suite", "predict", "--runtime", "onnxruntime", ...argv], streams);
  const text = (stream: PassThrough) => String(stream.read() ?? "");
  return { status, stdout: text(streams.stdout), stderr: text(streams.stderr) };
}

const linesOf = (file: string) =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("the public data sets", () => {
  it("are predicted by both peers, each in both ways", async () => {
    const { status, stderr, stdout } = await run(
      ...["--data", data, "--model", model, "--peer", python, "--peer-node", modules],
      ...["--turns", "2", "--threads", "1", "--json", jsonFile],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const figures = linesOf(jsonFile);
    const withMemory = (name: string) => [
      ...["", "-pipeline", "-node", "-node-pipeline", "-memory", "-node-memory"].map((end) => name + end),
    ];
    const names = ["predict-sst2", "predict-conll2003"].flatMap(withMemory);
    const rates = names.filter((name) => !name.includes("memory"));
    const cases = figures.map((figure) => figure.case);
    expect(cases.filter((name) => !name.includes("memory"))).toEqual(rates);
    if (process.platform === "linux") expect(cases).toEqual(names);
    expect(figures[0]).toMatchObject({ unit: "rows/s", peer: ROWS });
    expect(figures[0].ratio_median).toBeCloseTo(figures[0].ours / ROWS, 0);
    expect(figures[1]).toMatchObject({ case: "predict-sst2-pipeline", peer: ROWS / 2 });
    expect(stdout).toContain("stub 1.0, sorted");
    expect(stdout).toContain("stub 1.0, pipeline");
    expect(stdout).toMatch(/stub 1\.0.* [01] of the first 2 labels alike/);
    // Of tags there are no labels to compare.
    expect(stdout.match(/labels alike/g)).toHaveLength(4);
    expect(stdout).toContain("transformers.js 9.9.9");
  });

  it("are given to the peer as texts, in turns in each way", () => {
    const [exported, ...requests] = linesOf(asked).filter(({ task }) => task === "token-classification");
    expect(exported).toHaveProperty("export");
    const warmUp = ["pipeline", "pipeline", "sorted"];
    expect(requests.map(({ way }) => way)).toEqual([...warmUp, "sorted", "pipeline", "pipeline", "sorted"]);
    expect(requests[0]).toMatchObject({ precision: "float32", threads: 1 });
  });
});

describe("usage", () => {
  it.each([
    [[], /--suite predict needs --data FOLDER/],
    [["--data", "rows.tsv"], /--suite predict needs --model FOLDER/],
    [["--data", folder, "--peer-node", folder], /--suite predict needs --peer, which exports the model/],
  ])("%j is refused", async (argv, message) => {
    const { status, stderr } = await run(...argv);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("a folder without the package is named", async () => {
    const argv = ["--data", data, "--model", model, "--peer", python, "--peer-node", folder, "--turns", "1"];
    const { status, stderr } = await run(...argv);
    expect(status).toBe(1);
    expect(stderr).toMatch(/--peer-node .*: .*Cannot find module '@huggingface\/transformers'/);
    expect(stderr).toContain("Give a folder in which npm has installed @huggingface/transformers.");
  });
});
