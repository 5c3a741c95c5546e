/** Gradients of a tiny model by a runtime that makes them 1 % too large, and beside a stub peer. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyRows, writeTinyModel } from "../../../test/cli/tiny-model.ts";
import { type LoadedRuntime, loadRuntime } from "../../internals.ts";
import { bench } from "./bench.ts";
import { benchGradients, medianError } from "./gradients.ts";
import { Report } from "./report.ts";
import { SUITES } from "./suites.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-gradients-"));
const [data, jsonFile, asked] = ["rows.tsv", "figures.jsonl", "asked.jsonl"].map((name) =>
  join(folder, name),
);
const python = join(folder, "python");
/** Names of what each run was fed. */
const fed: string[][] = [];
let model: string;
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  model = writeTinyModel(join(folder, "model"));
  writeFileSync(data, tinyRows(80));
  const script = join(folder, "stub.mjs");
  writeFileSync(
    script,
    `import { appendFileSync } from "node:fs";
    import { createInterface } from "node:readline";
    for await (const line of createInterface({ input: process.stdin })) {
      appendFileSync(${JSON.stringify(asked)}, line + "\\n");
      console.log(JSON.stringify({ percent: 2, torch: "9.0", transformers: "9.1" }));
    }`,
  );
  writeFileSync(python, `#!/bin/sh\nexec ${process.execPath} ${script}\n`, { mode: 0o755 });
});

const linesOf = (file: string) =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

async function run(...argv: string[]) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const status = await bench(["--suite", "gradients", ...argv], streams);
  return { status, stderr: String(streams.stderr.read() ?? "") };
}

/** Says that its products are bf16, and makes all gradients 1 % too large. */
async function inaccurate(): Promise<LoadedRuntime> {
  const runtime = await loadRuntime("onnxruntime-binding");
  return {
    ...runtime,
    precision: "bf16",
    createSession: async (program, options) => {
      const session = await runtime.createSession(program, options);
      const gradients: Float32Array[] = [];
      return {
        ...session,
        bind: (tensors) => {
          session.bind(tensors);
          for (const [name, { data }] of Object.entries(tensors)) {
            if (name.startsWith("gradient:")) gradients.push(data as Float32Array);
          }
        },
        run: async (...given) => {
          fed.push(Object.keys(given[0]));
          await session.run(...given);
          for (const gradient of gradients)
            gradient.forEach((value, i) => {
              gradient[i] = 1.01 * value;
            });
        },
        dispose: () => session.dispose(),
      };
    },
  };
}

describe("gradients in bf16", () => {
  beforeAll(async () => {
    const report = new Report(new PassThrough(), { jsonFile });
    await benchGradients({ runtimes: [await inaccurate()], data, model, turns: 9, peer: python }, report);
  });

  it("are compared with float32's of the same runtime, with and without dropout", () => {
    const [plain, dropout, ...others] = linesOf(jsonFile);
    expect(others).toEqual([]);
    expect(plain).toMatchObject({ case: "gradients-onnxruntime-binding-bf16", unit: "%", ours: 1, peer: 2 });
    expect(plain).toMatchObject({ ratio_median: 2, ours_min: 1, ours_max: 1 });
    // The same masks on both sides: nothing but the 1 %.
    expect(dropout).toMatchObject({
      case: "gradients-onnxruntime-binding-bf16-dropout",
      ours: 1,
      peer: 2,
    });
    const masks = fed.map((names) => names.filter((name) => name.includes("layer.0.attention")).length);
    expect(masks).toEqual([0, 0, 1, 1]);
    // 80 rows are two batches of 32.
    expect(plain.note).toContain("2 batches of 32 rows, dropout 0, against onnxruntime-binding in float32");
    expect(plain.note).toContain("PyTorch 9.0, transformers 9.1");
  });

  it("and the peer's are asked for on the same rows with the same head", () => {
    const [first, second, ...dropped] = linesOf(asked);
    // A process of its own for each dropout.
    expect(dropped.map(({ dropout }) => dropout)).toEqual([0.1, 0.1]);
    expect(dropped.map(({ rows }) => rows)).toEqual([first.rows, second.rows]);
    expect(dropped[0].fresh).toEqual(first.fresh);
    expect(first).toMatchObject({ model, classes: 2, dropout: 0 });
    expect(second.seed).not.toBe(first.seed);
    expect(first.rows).toHaveLength(32);
    expect(first.labels).toHaveLength(32);
    expect(first.first).toEqual(first.rows.map((row: number[]) => row.length));
    expect(Object.keys(first.fresh)).toEqual(["classifier.weight", "classifier.bias"]);
    expect(second).not.toHaveProperty("fresh");
    expect(second.rows).not.toEqual(first.rows);
  });

  it("a seed makes another head, and other masks of the peer's", async () => {
    const report = new Report(new PassThrough());
    const runtimes = [await inaccurate()];
    const heads: unknown[] = [];
    const masks: number[] = [];
    for (const seed of [1, 2, 1]) {
      const flags = { data, model, turns: 1, peer: python, seed };
      await SUITES.gradients.run({ flags, report, runtimes });
      const request = linesOf(asked).at(-1);
      heads.push(request.fresh["classifier.weight"]);
      masks.push(request.seed);
    }
    for (const [first, second, third] of [heads, masks]) {
      expect(second).not.toEqual(first);
      expect(third).toEqual(first);
    }
  });
});

it("gradients in float32 are compared with ONNX Runtime's", async () => {
  const argv = ["--data", data, "--model", model, "--runtime", "onnxruntime-binding", "--json", jsonFile];
  expect(await run(...argv)).toEqual({ status: 0, stderr: "" });
  const [figure, ...others] = linesOf(jsonFile);
  expect(others).toEqual([]);
  expect(figure).toMatchObject({ case: "gradients-onnxruntime-binding", peer: null });
  expect(figure.note).toContain("against onnxruntime in float32");
  // The same library, called in another way: the same bits.
  expect(figure.ours).toBe(0);
});

it("the error in the middle of the tensors leaves the biases of keys out", () => {
  const tensors = (...values: number[]) =>
    new Map(
      ["a", "b", "c", "x.attention.self.key.bias"].map((name, i) => [name, Float32Array.of(3, values[i])]),
    );
  // |0 0.5| of |3 4|, nothing, |0 5| of |3 4|.
  expect(medianError(tensors(4.5, 4, 9, 1e6), tensors(4, 4, 4, 4))).toBeCloseTo(0.1);
});

describe("usage", () => {
  it.each([
    [[], 2, /--suite gradients needs --data FOLDER/],
    [["--data", "rows.tsv", "--runtime", "onnxruntime"], 2, /onnxruntime is what others are compared with/],
    [
      ["--data", "rows.tsv", "--runtime", "onnxruntime-binding", "--peer", "p"],
      2,
      /--peer is compared in bf16/,
    ],
    [["--data", "rows.tsv", "--turns", "2", "--cases", "minilm-cola"], 2, /--cases is an option of steps/],
  ])("%j is refused", async (argv, status, message) => {
    const result = await run(...argv);
    expect(result.status).toBe(status);
    expect(result.stderr).toMatch(message);
  });

  it("rows of one label have no loss to compare gradients of", async () => {
    const sorted = join(folder, "sorted.tsv");
    writeFileSync(sorted, `text\tlabel\n${"a good film\tgood\n".repeat(64)}a bad film\tbad\n`);
    const result = await run(
      "--data",
      sorted,
      "--model",
      model,
      "--runtime",
      "onnxruntime-binding",
      "--turns",
      "2",
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("its first 64 rows have the label good alone");
  });

  it("fewer rows than a batch has are too few", async () => {
    const few = join(folder, "few.tsv");
    writeFileSync(few, tinyRows(31));
    const result = await run("--data", few, "--model", model, "--runtime", "onnxruntime-binding");
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("a batch has 32 rows, the file 31");
  });
});
