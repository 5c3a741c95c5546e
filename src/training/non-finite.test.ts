/** NaN and infinity in every place of a step: found before a weight moves, named, and traced to their rows. */
import { describe, expect, it } from "vitest";
import { poisonedRuntime } from "../../test/helpers/poisoned-runtime.ts";
import { CLASSES, tinyRows, tinyStep } from "../../test/helpers/tiny-step.ts";
import type { TensorView } from "../engine/runtime/session.ts";
import { NonFiniteError } from "../util/errors.ts";
import { checkState, isSound, listed } from "./non-finite.ts";
import type { OptimizerOptions } from "./optimizer.ts";
import type { ParameterStore } from "./parameter-store.ts";
import { NAMES } from "./program.ts";

const FEATURES = tinyRows([4, 9, 2, 16, 7, 5]);
const MICRO = [
  [5, 0, 1],
  [2, 3, 4],
];
const ADAMW: OptimizerOptions = {
  ...{ weightDecay: 0.1, maxGradNorm: 1, adamBeta1: 0.9, adamBeta2: 0.999, adamEpsilon: 1e-8 },
  adamBiasCorrection: true,
};
const QUERY = "bert.encoder.layer.1.attention.self.query.weight";
const WORDS = "bert.embeddings.word_embeddings.weight";

type Tensors = ReadonlyMap<string, TensorView>;

/** Writes `value` into a tensor, in the second micro-batch or the only one. */
const put =
  (name: string, place: number, value: number, micro: number) => (tensors: Tensors, run: number) => {
    if (run === micro - 1) tensors.get(name)!.data[place] = value;
  };

const stateOf = (store: ParameterStore) =>
  store.parameters.map(({ weight, moment1, moment2 }) => [weight, moment1, moment2].map((x) => x.slice()));

/** One step on the micro-batches; `prepare` runs before it. */
async function step(
  micro: readonly number[][],
  poison: (tensors: Tensors, run: number) => void,
  prepare: (store: ParameterStore) => void = () => {},
) {
  const runtime = await poisonedRuntime(poison);
  const { step, store } = await tinyStep({ runtime, accumulation: micro.length });
  prepare(store);
  const before = stateOf(store);
  const result = await step.run(FEATURES, micro, { step: 0, learningRate: 1e-2 }, ADAMW);
  step.dispose();
  return { result, store, unmoved: () => expect(stateOf(store)).toEqual(before) };
}

describe.each([
  ["one batch", [MICRO.flat()]],
  ["several batches", MICRO],
])("in a step of %s", (_what, micro) => {
  const last = micro[micro.length - 1];

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "a loss of %s is of the rows of its batch",
    async (value) => {
      const { result, unmoved } = await step(micro, put(NAMES.loss, 0, value, micro.length));
      unmoved();
      expect(result.loss).toBe(value);
      expect(result.nonFinite).toEqual({ rows: last, rowFault: "unknown", gradients: [], state: [] });
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("a gradient with %s is named", async (value) => {
    const { result, unmoved } = await step(micro, put(NAMES.gradient(QUERY), 3, value, micro.length));
    unmoved();
    expect(Number.isFinite(result.loss)).toBe(true);
    expect(result.nonFinite).toEqual({
      ...{ rows: micro.flat(), rowFault: "unknown", gradients: [QUERY], state: [] },
    });
  });

  it("a gradient of the embeddings' rows is that of its tables", async () => {
    const { result, unmoved } = await step(micro, put(NAMES.rowGradient, 0, Number.NaN, micro.length));
    unmoved();
    expect(result.nonFinite?.gradients).toHaveLength(3);
    expect(result.nonFinite?.gradients).toContain(WORDS);
  });

  it("logits say which rows they are of", async () => {
    const poison = (tensors: Tensors, run: number) => {
      put(NAMES.logits, CLASSES * (last.length - 2) + 1, Number.NaN, micro.length)(tensors, run);
      put(NAMES.loss, 0, Number.NaN, micro.length)(tensors, run);
    };
    const { result } = await step(micro, poison);
    expect(result.nonFinite).toMatchObject({ rows: [last[last.length - 2]], rowFault: "logits" });
  });

  it("a weight is named, with the gradients that it spoils, the nearest to the loss first", async () => {
    const spoil = (store: ParameterStore) => {
      store.get(QUERY).weight[7] = Number.NaN;
    };
    const { result, unmoved } = await step(micro, () => {}, spoil);
    unmoved();
    expect(result.loss).toBeNaN();
    expect(result.nonFinite).toMatchObject({ rowFault: "logits", state: [QUERY] });
    expect(result.nonFinite?.rows).toEqual(micro.flat());
    expect(result.nonFinite?.gradients[0]).toBe("classifier.bias");
    expect(result.nonFinite?.gradients).toContain(QUERY);
  });
});

it("a gradient whose square is no float32 moves nothing, unless it is clipped", async () => {
  const poison = put(NAMES.gradient(QUERY), 0, 1e30, 1);
  const clipped = await step([MICRO.flat()], poison);
  expect(clipped.result.nonFinite).toBeUndefined();
  checkState(clipped.store, "the model");
  const runtime = await poisonedRuntime(poison);
  const free = await tinyStep({ runtime });
  const before = stateOf(free.store);
  const place = { step: 0, learningRate: 1e-2 };
  const result = await free.step.run(FEATURES, [MICRO.flat()], place, { ...ADAMW, maxGradNorm: 0 });
  free.step.dispose();
  expect(result.nonFinite).toMatchObject({ gradients: [], state: [] });
  expect(stateOf(free.store)).toEqual(before);
});

it("a step that was left out is one that never was, but for its number", async () => {
  const place = (number: number, skipped: number) => ({ step: number, skipped, learningRate: 1e-2 });
  const train = async (poisoned: boolean) => {
    const runtime = await poisonedRuntime(put(NAMES.gradient(QUERY), 0, Number.NaN, 2));
    const { step, store } = await tinyStep(poisoned ? { runtime } : {});
    await step.run(FEATURES, [MICRO[0]], place(0, 0), ADAMW);
    if (poisoned) await step.run(FEATURES, [MICRO[1]], place(1, 0), ADAMW);
    await step.run(FEATURES, [MICRO[0]], place(2, 1), ADAMW);
    step.dispose();
    return stateOf(store);
  };
  expect(await train(true)).toEqual(await train(false));
});

describe("the state", () => {
  it.each([
    ["weight", QUERY],
    ["moment1", `the moments of ${QUERY}`],
    ["moment2", `the moments of ${QUERY}`],
  ] as const)("with a %s that is not finite is refused by name", async (kind, named) => {
    const { step, store } = await tinyStep();
    step.dispose();
    checkState(store, "the model");
    store.get(QUERY)[kind][5] = kind === "moment2" ? Number.POSITIVE_INFINITY : Number.NaN;
    expect(() => checkState(store, "models/mine")).toThrow(
      new NonFiniteError(
        `models/mine: ${named} has numbers that are not finite.\nTrain with a smaller learning rate, or begin from another model.`,
      ),
    );
  });
});

it("sound are a finite loss and a norm with a square", () => {
  expect(isSound(0.5, 3)).toBe(true);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(isSound(bad, 3)).toBe(false);
    expect(isSound(0.5, bad)).toBe(false);
  }
  expect([isSound(0.5, 1e19), isSound(0.5, 1e20)]).toEqual([true, false]);
});

it("lists a few", () => {
  expect([["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]].map((names) => listed(names, 2))).toEqual(
    [...["a", "a and b", "a, b and 1 more", "a, b and 2 more"]],
  );
});
