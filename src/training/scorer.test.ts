/** Scoring many rows: every row once, its own logits whatever stands beside it, memory given back. */
import { beforeAll, describe, expect, it } from "vitest";
import { tinyRows } from "../../test/helpers/tiny-step.ts";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import { parseBertConfig } from "../model/config.ts";
import { Features } from "../tasks/features.ts";
import { textClassification } from "../tasks/text-classification.ts";
import { initialize, ParameterStore } from "./parameter-store.ts";
import { evaluationProgram } from "./program.ts";
import { evaluateRows, type ScoreOptions, Scorer } from "./scorer.ts";

const LENGTHS = [5, 2, 9, 3, 9, 1, 4];
const CONFIG = parseBertConfig(
  {
    ...{ model_type: "bert", vocab_size: 50, hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 2 },
    ...{ intermediate_size: 24, max_position_embeddings: 16 },
  },
  "config.json",
);
const TASK = textClassification({ problemType: "single_label_classification", labels: ["a", "b", "c"] });
const features = tinyRows(LENGTHS);

let store: ParameterStore;
let scorer: Scorer;
const program = evaluationProgram(TASK, CONFIG);
beforeAll(async () => {
  const batchBytes = Scorer.bytes(program, features.maxLength);
  store = await ParameterStore.create(program.parameters, { training: false, batchBytes });
  for (const parameter of store.parameters) initialize(parameter, 3, 0.3);
  scorer = await Scorer.create({ runtime: await loadRuntime("auto"), program, store, threads: 1 });
  return () => scorer.dispose();
});

/** Row numbers in the order of the calls, and logits by row. */
async function score(rows: Features, options?: ScoreOptions, by = scorer) {
  const order: number[] = [];
  const logits: number[][] = [];
  await by.score(
    rows,
    (row, values) => {
      order.push(row);
      logits[row] = Array.from(values);
    },
    options,
  );
  return { order, logits };
}

describe("score", () => {
  it("calls for every row once, the longest first", async () => {
    const { order, logits } = await score(features, { batchSize: 3 });
    expect(order).toEqual([2, 4, 0, 6, 3, 1, 5]);
    expect(logits.map(({ length }) => length)).toEqual([3, 3, 3, 3, 3, 3, 3]);
  });

  it("gives a row the same logits in any batch", async () => {
    const { logits: alone } = await score(features, { batchSize: 1 });
    expect(new Set(alone.map(String)).size).toBe(7);
    for (const batchSize of [2, 3, 7, 100]) {
      const { logits } = await score(features, { batchSize });
      logits.flat().forEach((value, i) => {
        expect(Math.abs(value - alone.flat()[i])).toBeLessThan(1e-5);
      });
    }
  });

  it("gives the same where sizes are rounded", async () => {
    const runtime = { ...(await loadRuntime("auto")), compilesShapes: true };
    const { logits: exact } = await score(features);
    const rounding = await Scorer.create({ runtime, program, store, threads: 1 });
    const { logits: rounded } = await score(features, {}, rounding);
    rounding.dispose();
    expect(rounded.map(({ length }) => length)).toEqual(exact.map(({ length }) => length));
    rounded.flat().forEach((value, i) => {
      expect(Math.abs(value - exact.flat()[i])).toBeLessThan(1e-5);
    });
  });

  it("tells its progress up to the end", async () => {
    const progress: [number, number][] = [];
    await score(features, { batchSize: 3, onProgress: (done, total) => progress.push([done, total]) });
    expect(progress).toEqual([
      [3, 7],
      [6, 7],
      [7, 7],
    ]);
  });

  it("does nothing without rows", async () => {
    expect((await score(new Features(50))).order).toEqual([]);
  });

  it("stops at an abort with its reason, gives its memory back and works again", async () => {
    const used = store.arena.used;
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error("enough"));
    const stopped = score(features, { batchSize: 3, signal: controller.signal, onProgress });
    await expect(stopped).rejects.toThrow("enough");
    expect(store.arena.used).toBe(used);
    await score(features);
    expect(store.arena.used).toBe(used);
  });
});

it("evaluateRows holds each row's logits against its own label", async () => {
  const { logits } = await score(features);
  const right = logits.filter((values, row) => values.indexOf(Math.max(...values)) === row % 3).length;
  const { accuracy } = (await evaluateRows(TASK, scorer, { features }, { batchSize: 2 })).compute();
  expect(accuracy).toBeCloseTo(right / 7, 12);
});
