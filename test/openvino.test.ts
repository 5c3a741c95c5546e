/**
 * OpenVINO, where it is installed: the contract of every session, the numbers of ONNX Runtime, bf16 close to them, and
 * memory that stays in place while the garbage collector runs.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Graph } from "../src/engine/graph/graph.ts";
import { emitModel } from "../src/engine/onnx/emit.ts";
import { bf16Lowering, standardLowering } from "../src/engine/onnx/lowering.ts";
import { add, mul } from "../src/engine/ops/elementwise.ts";
import { matMul } from "../src/engine/ops/matmul.ts";
import { reduceSum } from "../src/engine/ops/reduce.ts";
import { collectGarbage } from "../src/engine/runtime/memory.contract.ts";
import type { ProfiledRun } from "../src/engine/runtime/openvino-profile.ts";
import { loadRuntime, type PrecisionChoice } from "../src/engine/runtime/runtimes.ts";
import { sessionContract } from "../src/engine/runtime/session.contract.ts";
import { findOpenVino } from "../src/files/runtimes/openvino.ts";
import { listRuntimes } from "../src/runtimes/list-runtimes.ts";
import { openRuntime } from "../src/runtimes/open-runtime.ts";
import { tinyRows, tinyStep } from "./helpers/tiny-step.ts";

const installed = await findOpenVino({ ...process.env, BERTWRIGHT_OPENVINO: undefined });
const load = (precision?: PrecisionChoice) =>
  loadRuntime("openvino", { openVino: installed?.folder, precision });
const hasBf16 = installed !== undefined && (await load()).precisions.includes("bf16");

const ROWS = tinyRows([16, 3, 9, 1, 16, 7]);
/** Each with a row of 16 tokens: a mask goes by its place in the grid, which OpenVINO rounds where rows are shorter. */
const BATCHES = [[0, 1, 2], [4], [4, 5], [0, 5, 1, 3]];
/** A row of one token, which is a grid of 1 or of 8. */
const SHORT = { rows: [3], dropout: 0 };

async function gradientsOf(options: Parameters<typeof tinyStep>[0], rows: number[]) {
  const { step, store } = await tinyStep({ dropout: 0.2, ...options });
  try {
    const { loss } = await step.gradients(ROWS, [rows], 3);
    return { loss, gradients: store.parameters.map(({ gradient }) => Float32Array.from(gradient)) };
  } finally {
    step.dispose();
  }
}

/** |a - b| / |b| of two tensors. */
function distance(a: Float32Array, b: Float32Array): number {
  let [difference, size] = [0, 0];
  b.forEach((value, i) => {
    difference += (a[i] - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / size);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

describe.skipIf(!installed)("openvino (skipped where it is not installed)", () => {
  sessionContract(() => load(), { offThread: true, bfloat16: true, fitsBeforeWriting: false });

  it("is what auto takes where it is installed", async () => {
    const runtime = await loadRuntime("auto", { openVino: installed?.folder });
    expect([runtime.name, runtime.precision]).toEqual(["openvino", "float32"]);
  });

  it("gives the gradients of ONNX Runtime", async () => {
    for (const { rows, dropout } of [SHORT, ...BATCHES.map((rows) => ({ rows, dropout: 0.2 }))]) {
      const ours = await gradientsOf({ runtime: await load(), lowering: standardLowering, dropout }, rows);
      const reference = await gradientsOf({ dropout }, rows);
      // Sums of up to a hundred float32 terms in another order.
      expect(Math.abs(ours.loss - reference.loss)).toBeLessThan(1e-5);
      ours.gradients.forEach((gradient, i) => {
        gradient.forEach((value, j) => {
          expect(Math.abs(value - reference.gradients[i][j])).toBeLessThan(2e-5);
        });
      });
    }
  });

  it("gives the same gradients of what learns where the rest is frozen", async () => {
    const options = { runtime: await load(), lowering: standardLowering };
    const { step, store } = await tinyStep(options);
    step.dispose();
    const lower = store.parameters
      .map(({ spec }) => spec.name)
      .filter((name) => /embeddings|layer\.0/.test(name));
    const all = await gradientsOf(options, [0, 1, 2]);
    const some = await gradientsOf({ ...options, frozen: new Set(lower) }, [0, 1, 2]);
    expect(Math.abs(some.loss - all.loss)).toBeLessThan(1e-6);
    some.gradients.forEach((gradient, i) => {
      expect(gradient.length === 0).toBe(lower.includes(store.parameters[i].spec.name));
      gradient.forEach((value, j) => {
        expect(Math.abs(value - all.gradients[i][j])).toBeLessThan(2e-5);
      });
    });
  });

  it("gives the same bits again", async () => {
    const options = { runtime: await load(), lowering: standardLowering };
    const [one, again] = [await gradientsOf(options, [0, 1, 2]), await gradientsOf(options, [0, 1, 2])];
    expect(again).toEqual(one);
  });

  it("writes what each operator of each run took, where that is asked for", async () => {
    const folder = mkdtempSync(join(tmpdir(), "profile-"));
    const runtime = await load();
    const profiled = {
      ...runtime,
      createSession: (model: Uint8Array) =>
        runtime.createSession(model, { profilePrefix: join(folder, "profile") }),
    };
    const { step } = await tinyStep({ runtime: profiled, lowering: standardLowering });
    for (const rows of BATCHES.slice(0, 2)) await step.gradients(ROWS, [rows], 0);
    step.dispose();
    const runs: ProfiledRun[] = JSON.parse(readFileSync(join(folder, "profile.json"), "utf8"));
    rmSync(folder, { recursive: true });
    expect(runs).toHaveLength(2);
    for (const { ms, operators } of runs) {
      expect(operators.map(({ type }) => type)).toContain("MatMul");
      // Names of the model's own nodes tell forward from backward.
      expect(operators.map(({ name }) => name)).toContainEqual(expect.stringMatching(/^gather_\d+$/));
      expect(operators.reduce((sum, { us }) => sum + us, ms)).toBeGreaterThan(ms);
    }
  });

  it("keeps what native code points into in its place while garbage is collected", async () => {
    const { step } = await tinyStep({ runtime: await load(), lowering: standardLowering });
    const losses: number[] = [];
    const batches = [...BATCHES, SHORT.rows];
    for (let i = 0; i < 24; i++) {
      const run = step.gradients(ROWS, [batches[i % batches.length]], 0);
      collectGarbage();
      Array.from({ length: 64 }, () => new Float32Array(1024).fill(7)); // takes freed memory, and writes to it
      losses.push((await run).loss);
      collectGarbage();
    }
    step.dispose();
    losses.forEach((loss, i) => {
      expect(loss).toBe(losses[i % batches.length]);
    });
  });
});

describe.skipIf(!hasBf16)("bf16 (skipped where OpenVINO or the processor's instructions are missing)", () => {
  it("is near float32, and not the same", async () => {
    const [low, full] = await Promise.all(
      (["bf16", "float32"] as const).map(async (precision) =>
        gradientsOf(
          {
            runtime: await load(precision),
            lowering: precision === "bf16" ? bf16Lowering : standardLowering,
          },
          [0, 1, 2, 4],
        ),
      ),
    );
    expect(low.loss).not.toBe(full.loss);
    // A product of bf16 numbers is right to 2^-8, and the loss is about 1.
    expect(Math.abs(low.loss - full.loss)).toBeLessThan(2 ** -6);
    const distances = low.gradients.map((gradient, i) => distance(gradient, full.gradients[i]));
    // Weights of 0.3 in rows of 16 cancel; a trained model's gradients are five times nearer (docs/performance.md).
    expect(median(distances.filter(Number.isFinite))).toBeLessThan(0.05);
  });

  it("leaves what products and sums of rows give to an output in float32", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", ["T", 4]);
    const product = matMul(x, x, { transA: true }); // [4, 4]
    const sum = reduceSum(x, { axes: [0] });
    const direct = matMul(x, mul(x, 2), { transA: true });
    const outputs = { product: add(product, sum), sum: mul(sum, 2), direct };
    const runtime = await load("bf16");
    const session = await runtime.createSession(emitModel(graph, outputs, bf16Lowering));
    const tensor = (dims: number[], value: number) => ({
      type: "float32" as const,
      dims,
      data: new Float32Array(dims[0] * (dims[1] ?? 1)).fill(value),
    });
    const fetches = { product: tensor([4, 4], 0), sum: tensor([4], 0), direct: tensor([4, 4], 0) };
    try {
      await session.run({ x: tensor([257, 4], 1) }, fetches);
    } finally {
      session.dispose();
    }
    // In bf16 257 is 256 or 258, and 514 is 512 or 516.
    const expected = { product: tensor([4, 4], 514), sum: tensor([4], 514), direct: tensor([4, 4], 514) };
    expect(fetches).toEqual(expected);
  });

  describe("the choice of precision", () => {
    beforeEach(() => {
      vi.stubEnv("BERTWRIGHT_OPENVINO", installed?.folder);
    });
    afterEach(() => {
      vi.unstubAllEnvs();
    });

    it.each([
      [0.5, "float32"],
      [1, "float32"],
      [3, "bf16"],
    ] as const)("auto: at %s times the speed of float32 it is %s", async (speed, precision) => {
      const opened = await openRuntime({ precision: "auto" }, { bf16Speed: async () => speed });
      expect(opened).toMatchObject({ name: "openvino", precision, warnings: [] });
    });

    it("auto is again what it was before, without being measured", async () => {
      const unmeasured = () => Promise.reject(new Error("measured"));
      for (const before of ["bf16", "float32"] as const) {
        expect((await openRuntime({ precision: "auto", before }, { bf16Speed: unmeasured })).precision).toBe(
          before,
        );
      }
    });

    it("bf16 where it is slower is told", async () => {
      const doubtful = { bf16Speed: async () => 0.5, isDoubtful: () => true };
      const opened = await openRuntime({ precision: "bf16" }, doubtful);
      expect(opened).toMatchObject({
        precision: "bf16",
        warnings: [expect.stringMatching(/^in bf16 products are 0.50 times as fast as in float32/)],
      });
      for (const better of [{ bf16Speed: async () => 3 }, { isDoubtful: () => false }]) {
        expect((await openRuntime({ precision: "bf16" }, { ...doubtful, ...better })).warnings).toEqual([]);
      }
    });

    it("bf16's own speed is listed", async () => {
      const { runtimes } = await listRuntimes();
      expect(runtimes.find(({ name }) => name === "openvino")?.bf16Speed).toBeGreaterThan(0);
    });
  });
});
