/** One optimizer step of a tiny BERT: batches that are equal must train alike, whatever their shape. */
import { describe, expect, it } from "vitest";
import { CLASSES, type TinyStepOptions, tinyRows, tinyStep } from "../../test/helpers/tiny-step.ts";
import { bf16Lowering, standardLowering } from "../engine/onnx/lowering.ts";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import type { Session } from "../engine/runtime/session.ts";
import type { OptimizerOptions } from "./optimizer.ts";
import type { ParameterStore } from "./parameter-store.ts";

const LENGTHS = [4, 9, 2, 16, 7, 5];
const ROWS = LENGTHS.map((_, row) => row);
const WORDS = "bert.embeddings.word_embeddings.weight";

const ADAMW: OptimizerOptions = {
  weightDecay: 0.1,
  maxGradNorm: 0,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
  adamBiasCorrection: true,
};

const features = tinyRows(LENGTHS);
const FIRST = { step: 0, learningRate: 1e-2 };

function gradientsOf(store: ParameterStore): Map<string, Float32Array> {
  return new Map(store.parameters.map(({ spec, gradient }) => [spec.name, Float32Array.from(gradient)]));
}

/** Loss, logits and gradients of the micro-batches from the start weights. */
async function measure(micro: readonly number[][], options: TinyStepOptions = {}, stepNumber = 0) {
  const { step, store } = await tinyStep(options);
  try {
    const result = await step.gradients(features, micro, stepNumber);
    return { ...result, gradients: gradientsOf(store) };
  } finally {
    step.dispose();
  }
}

/** Largest difference of two sets of gradients. */
function distance(a: ReadonlyMap<string, Float32Array>, b: ReadonlyMap<string, Float32Array>): number {
  let largest = 0;
  for (const [name, values] of a) {
    const others = b.get(name)!;
    values.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value - others[i]));
    });
  }
  return largest;
}

function largestOf(gradients: ReadonlyMap<string, Float32Array>): number {
  return Math.max(
    ...[...gradients.values()].map((values) => values.reduce((m, x) => Math.max(m, Math.abs(x)), 0)),
  );
}

/** Trains one step and gives the weights before and after. */
async function train(optimizer: OptimizerOptions, rate = 1e-2) {
  const { step, store } = await tinyStep();
  try {
    const before = store.snapshot();
    const result = await step.run(features, [ROWS], { step: 0, learningRate: rate }, optimizer);
    return { before, after: store.snapshot(), result, store };
  } finally {
    step.dispose();
  }
}

describe("gradients", () => {
  it("counts real tokens and gives logits a row", async () => {
    const { tokens, logits, gradients } = await measure([ROWS]);
    expect(tokens).toBe(LENGTHS.reduce((a, b) => a + b));
    expect(logits.map(({ length }) => length)).toEqual([LENGTHS.length * CLASSES]);
    expect(largestOf(gradients)).toBeGreaterThan(0.01);
  });

  it.each([
    [
      "two",
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
    ],
    ["uneven", [[0], [1, 2, 3, 4], [5]]],
  ])("of %s micro-batches are those of their union", async (_what, micro) => {
    const union = await measure([ROWS]);
    const parts = await measure(micro, { accumulation: micro.length });
    expect(Math.abs(parts.loss - union.loss)).toBeLessThan(1e-5);
    expect(distance(parts.gradients, union.gradients)).toBeLessThan(1e-5);
  });

  it("are those of the rows one at a time: pads change nothing", async () => {
    const batch = await measure([ROWS]);
    const sums = new Map([...batch.gradients].map(([name, { length }]) => [name, new Float32Array(length)]));
    let loss = 0;
    for (const row of ROWS) {
      const alone = await measure([[row]]);
      loss += alone.loss / ROWS.length;
      for (const [name, values] of alone.gradients) {
        const sum = sums.get(name)!;
        values.forEach((value, i) => {
          sum[i] += value / ROWS.length;
        });
      }
      const logits = batch.logits[0].subarray(row * CLASSES, (row + 1) * CLASSES);
      alone.logits[0].forEach((value, i) => {
        expect(Math.abs(value - logits[i]), `row ${row}`).toBeLessThan(1e-5);
      });
    }
    expect(Math.abs(loss - batch.loss)).toBeLessThan(1e-5);
    expect(distance(sums, batch.gradients)).toBeLessThan(1e-5);
  });

  it("of several micro-batches need memory to add them up", async () => {
    await expect(measure([[0], [1]])).rejects.toThrow(
      "internal: 2 micro-batches in a step that does not accumulate",
    );
  });

  it("do not add up from one step to the next", async () => {
    const { step, store } = await tinyStep();
    await step.gradients(features, [ROWS], 0);
    const first = gradientsOf(store);
    await step.gradients(features, [ROWS], 1);
    step.dispose();
    expect(distance(gradientsOf(store), first)).toBe(0);
  });
});

describe("dropout", () => {
  const dropout = 0.2;

  it("has a mask of its own in every place, and keeps as many as it should", async () => {
    const masks: Uint8Array[] = [];
    const session: Session = {
      ...{ inputNames: [], outputNames: [] },
      bind: () => {},
      run: async (feeds) => {
        for (const [name, { data }] of Object.entries(feeds)) {
          if (name.startsWith("mask:")) masks.push(Uint8Array.from(data as Uint8Array));
        }
      },
      dispose: () => {},
    };
    const runtime = { ...(await loadRuntime("onnxruntime")), createSession: async () => session };
    const { step } = await tinyStep({ dropout, runtime });
    await step.gradients(features, [ROWS], 0);
    // Embeddings, the pooled vector, and three places in each of two layers.
    expect(masks).toHaveLength(8);
    expect(new Set(masks.map((mask) => mask.slice(0, 32).join(""))).size).toBe(8);
    const all = masks.flatMap((mask) => Array.from(mask));
    const kept = all.reduce((sum, bit) => sum + bit, 0) / all.length;
    expect(Math.abs(kept - 0.8)).toBeLessThan(4 * Math.sqrt(0.16 / all.length));
  });

  it("gives the same bits for the same seed and step", async () => {
    const [one, again] = [await measure([ROWS], { dropout }, 5), await measure([ROWS], { dropout }, 5)];
    expect(again.loss).toBe(one.loss);
    expect(again.gradients).toEqual(one.gradients);
  });

  it("has other masks for another seed, step or micro-batch", async () => {
    const one = await measure([ROWS], { dropout });
    const losses = [
      one.loss,
      (await measure([ROWS], { dropout, seed: 2 })).loss,
      (await measure([ROWS], { dropout }, 1)).loss,
      (await measure([ROWS])).loss,
    ];
    expect(new Set(losses).size).toBe(losses.length);
    const twice = await measure([[1], [1]], { dropout, accumulation: 2 });
    expect(twice.logits[0]).not.toEqual(twice.logits[1]);
  });
});

describe("update", () => {
  it("reports the norm before clipping, and clips to the limit", async () => {
    const { result, store } = await train(ADAMW);
    const squares = store.parameters.map(({ gradient }) => gradient.reduce((sum, x) => sum + x * x, 0));
    const norm = Math.sqrt(squares.reduce((a, b) => a + b));
    expect(result.gradientNorm / norm).toBeCloseTo(1, 5);
    const clipped = await train({ ...ADAMW, maxGradNorm: norm / 4 });
    expect(clipped.result.gradientNorm).toBe(result.gradientNorm);
    // After the first step the first moment is (1 - beta1) times the scaled gradient.
    const [free, scaled] = [store, clipped.store].map((s) => s.get("classifier.weight").moment1);
    scaled.forEach((value, i) => {
      expect(Math.abs(value - free[i] / 4)).toBeLessThan(1e-6);
    });
  });

  it("without bias correction takes the first step with the moments as they are", async () => {
    const [corrected, plain] = [await train(ADAMW), await train({ ...ADAMW, adamBiasCorrection: false })];
    const at = corrected.store.parameters.findIndex(({ spec }) => spec.name === "classifier.bias");
    const steps = [corrected, plain].map(({ before, after }) => after[at].map((x, i) => x - before[at][i]));
    // (1 - beta1) / sqrt(1 - beta2) of the step of the corrected moments, which is the learning rate.
    expect(steps[0].every((step) => Math.abs(step) > 0.009)).toBe(true);
    steps[1].forEach((step, i) => {
      expect(step / steps[0][i]).toBeCloseTo(0.1 / Math.sqrt(0.001), 3);
    });
  });

  it("does not scale gradients up to the limit", async () => {
    const free = await train(ADAMW);
    const wide = await train({ ...ADAMW, maxGradNorm: 1000 * free.result.gradientNorm });
    expect(wide.after).toEqual(free.after);
  });

  it("only decays embedding rows that no token has", async () => {
    const rate = 1e-2;
    const { before, after, store } = await train(ADAMW, rate);
    const at = store.parameters.findIndex(({ spec }) => spec.name === WORDS);
    const width = store.parameters[at].spec.dims[1];
    const used = new Set(ROWS.flatMap((row) => [...features.inputIds(row)]));
    expect(used.has(45)).toBe(false);
    for (const id of [0, 45, 49]) {
      for (let i = id * width; i < (id + 1) * width; i++) {
        expect(after[at][i]).toBeCloseTo(before[at][i] * (1 - rate * ADAMW.weightDecay), 6);
      }
    }
    const [first] = used;
    const moved = after[at][first * width] - before[at][first * width] * (1 - rate * ADAMW.weightDecay);
    expect(Math.abs(moved)).toBeGreaterThan(rate / 2);
  });

  it("moves a parameter by its own rate", async () => {
    const still = await train({ ...ADAMW, rateFactor: (name) => (name.startsWith("bert.") ? 0 : 1) });
    still.store.parameters.forEach(({ spec }, i) => {
      const moved = still.after[i].some((value, j) => value !== still.before[i][j]);
      expect(moved, spec.name).toBe(!spec.name.startsWith("bert."));
    });
  });
});

describe("weights and masks in bf16", () => {
  const dropout = 0.2;
  const options = { lowering: bf16Lowering, dropout, accumulation: 2 };
  const MICRO = [ROWS.slice(0, 2), ROWS.slice(2)];

  /** Every weight of a product becomes the bf16 number nearest to it. */
  function roundWeights({ parameters }: ParameterStore): void {
    for (const { weight, rounded } of parameters) {
      const bits = Uint32Array.from(rounded, (upper) => upper << 16);
      if (rounded.length > 0) weight.set(new Float32Array(bits.buffer));
    }
  }

  it("give what the rounded weights and masks of bytes give in float32", async () => {
    const { step, store } = await tinyStep(options);
    const plain = await tinyStep({ ...options, lowering: standardLowering });
    try {
      // A product that reads a weight in other dims gets no copy in bf16: the last layer's of keys and values.
      expect(store.parameters.filter(({ rounded }) => rounded.length > 0).length).toBe(2 * 6 + 2 - 2);
      const first = await step.gradients(features, MICRO, 0);
      const exact = await plain.step.gradients(features, MICRO, 0);
      roundWeights(store);
      plain.store.restore(store.snapshot());
      const expected = await plain.step.gradients(features, MICRO, 0);
      expect(Math.abs(first.loss - expected.loss)).toBeLessThan(1e-6);
      expect(Math.abs(first.loss - exact.loss)).toBeGreaterThan(1e-5);
      const [ours, theirs] = [gradientsOf(store), gradientsOf(plain.store)];
      expect(distance(ours, theirs)).toBeLessThan(1e-5 * largestOf(theirs));
    } finally {
      step.dispose();
      plain.step.dispose();
    }
  });

  it("follow the optimizer", async () => {
    const { step, store } = await tinyStep(options);
    try {
      await step.run(features, [ROWS], FIRST, ADAMW);
      const moved = store.parameters.map(({ rounded }) => rounded.slice());
      store.round();
      expect(store.parameters.map(({ rounded }) => rounded)).toEqual(moved);
      await step.run(features, [ROWS], { ...FIRST, step: 1 }, ADAMW);
      expect(store.parameters.some(({ rounded }, i) => rounded.some((x, j) => x !== moved[i][j]))).toBe(true);
    } finally {
      step.dispose();
    }
  });
});

describe("an abort", () => {
  it("rejects with its reason and leaves weights as they were, and the next step works", async () => {
    const { step, store } = await tinyStep();
    const before = store.snapshot();
    const used = store.arena.used;
    const reason = new Error("enough");
    const run = step.run(features, [ROWS], FIRST, ADAMW, AbortSignal.abort(reason));
    await expect(run).rejects.toBe(reason);
    expect(store.snapshot()).toEqual(before);
    expect(store.arena.used).toBe(used);
    await step.run(features, [ROWS], FIRST, ADAMW);
    step.dispose();
    expect(store.snapshot()).toEqual((await train(ADAMW)).after);
  });
});
