/** Parameters in one memory or several: room, copies, fresh weights. */
import { describe, expect, it } from "vitest";
import type { ParameterSpec } from "../model/parameters.ts";
import { initialize, ParameterStore, type StoredParameter, type StoreOptions } from "./parameter-store.ts";

const SPECS: readonly ParameterSpec[] = [
  { name: "first.weight", dims: [100, 30], initializer: "normal", table: false },
  { name: "first.bias", dims: [30], initializer: "zeros", table: false },
  { name: "words", dims: [70, 30], initializer: "normal", table: true },
  { name: "LayerNorm.weight", dims: [30], initializer: "ones", table: false },
  { name: "second.weight", dims: [50, 50], initializer: "normal", table: false },
];

const TRAINING: StoreOptions = { training: true, batchBytes: 1000 };
const ROUNDED = { rounded: new Set(["first.weight", "second.weight"]) };
/** Too small for all parameters of `SPECS`, large enough for each. */
const SMALL = 64 * 1024;

function arenas(store: ParameterStore) {
  return [...new Set([store.arena, ...store.parameters.map(({ arena }) => arena)])];
}

describe("ParameterStore", () => {
  it("keeps the order of the declarations", async () => {
    const store = await ParameterStore.create(SPECS, TRAINING);
    expect(store.parameters.map(({ spec }) => spec)).toEqual(SPECS);
    expect(store.get("words").spec).toBe(SPECS[2]);
    expect(() => store.get("wrods")).toThrow("internal: no parameter wrods");
  });

  it("has gradients and moments only where it trains", async () => {
    const training = (await ParameterStore.create(SPECS, TRAINING)).get("first.weight");
    expect(
      [training.weight, training.gradient, training.moment1, training.moment2].map((a) => a.length),
    ).toEqual([3000, 3000, 3000, 3000]);
    const fixed = (await ParameterStore.create(SPECS, { training: false, batchBytes: 0 })).get(
      "first.weight",
    );
    expect([fixed.weight, fixed.gradient, fixed.moment1, fixed.moment2].map((a) => a.length)).toEqual([
      3000, 0, 0, 0,
    ]);
  });

  it("has partial gradients where it accumulates, but not of tables", async () => {
    const store = await ParameterStore.create(SPECS, { ...TRAINING, accumulates: true });
    expect(store.parameters.map(({ partial }) => partial.length)).toEqual([3000, 30, 0, 30, 2500]);
    const plain = await ParameterStore.create(SPECS, TRAINING);
    expect(plain.parameters.every(({ partial }) => partial.length === 0)).toBe(true);
  });

  it("clears all that a step writes but tables, and no weights", async () => {
    const store = await ParameterStore.create(SPECS, { ...TRAINING, accumulates: true });
    const arrays = ({ weight, gradient, moment1, moment2, partial }: StoredParameter) =>
      [weight, gradient, moment1, moment2, partial].map(([first]) => first);
    for (const { weight, gradient, moment1, moment2, partial } of store.parameters) {
      for (const array of [weight, gradient, moment1, moment2, partial]) array.fill(2);
    }
    store.clear();
    expect(arrays(store.get("first.weight"))).toEqual([2, 0, 0, 0, 0]);
    expect(arrays(store.get("words"))).toEqual([2, 2, 2, 2, undefined]);
  });

  it("has weights alone of what is frozen", async () => {
    const frozen = new Set(["first.weight", "words"]);
    const store = await ParameterStore.create(SPECS, { ...TRAINING, frozen, accumulates: true });
    const lengths = ({ weight, gradient, moment1, moment2, partial, marks }: StoredParameter) =>
      [weight, gradient, moment1, moment2, partial, marks].map(({ length }) => length);
    expect(lengths(store.get("first.weight"))).toEqual([3000, 0, 0, 0, 0, 0]);
    expect(lengths(store.get("words"))).toEqual([2100, 0, 0, 0, 0, 0]);
    expect(lengths(store.get("first.bias"))).toEqual([30, 30, 30, 30, 30, 0]);
    expect(store.parameters.filter((parameter) => parameter.frozen).map(({ spec }) => spec.name)).toEqual([
      ...frozen,
    ]);
  });

  it("marks rows of tables only", async () => {
    const store = await ParameterStore.create(SPECS, TRAINING);
    expect(store.parameters.map(({ marks }) => marks.length)).toEqual([0, 0, 70, 0, 0]);
  });

  it("does not decay biases and LayerNorm", async () => {
    const store = await ParameterStore.create(SPECS, TRAINING);
    expect(store.parameters.map(({ decays }) => decays)).toEqual([true, false, true, false, true]);
  });

  it("starts every buffer on 64 bytes and lets none overlap", async () => {
    const store = await ParameterStore.create(SPECS, { ...TRAINING, ...ROUNDED, accumulates: true });
    const buffers = store.parameters.flatMap((p) => [
      p.weight,
      p.rounded,
      p.gradient,
      p.moment1,
      p.moment2,
      p.partial,
      p.marks,
    ]);
    expect(buffers.every(({ byteOffset }) => byteOffset % 64 === 0)).toBe(true);
    buffers.forEach((buffer, i) => {
      buffer.fill(i + 1);
    });
    buffers.forEach((buffer, i) => {
      expect(new Set<number>(buffer), `buffer ${i}`).toEqual(new Set(buffer.length > 0 ? [i + 1] : []));
    });
  });

  it("gives weights under their names, in place", async () => {
    const store = await ParameterStore.create(SPECS, TRAINING);
    const views = store.views({ parameters: SPECS, rounded: new Map() });
    expect(Object.keys(views)).toEqual(SPECS.map(({ name }) => name));
    expect(views.words).toMatchObject({ type: "float32", dims: [70, 30] });
    expect(views.words.data).toBe(store.get("words").weight);
  });
});

describe("weights in bf16", () => {
  /** 1 + 2^-8 lies between two bf16 numbers, of which 1 is the even one. */
  const [HALFWAY, ONE, NEXT] = [1 + 2 ** -8, 0x3f80, 0x3f81];

  it("follow the others by round, and by restore, in every memory", async () => {
    const store = await ParameterStore.create(SPECS, { ...TRAINING, ...ROUNDED, memoryBytes: SMALL });
    const ends = () => ["first.weight", "second.weight"].map((name) => store.get(name).rounded.at(-1));
    for (const { weight } of store.parameters) weight.fill(HALFWAY);
    expect(ends()).toEqual([0, 0]);
    store.round();
    expect(ends()).toEqual([ONE, ONE]);
    const snapshot = store.snapshot();
    for (const { weight } of store.parameters) weight.fill(HALFWAY + 2 ** -20);
    store.round();
    expect(ends()).toEqual([NEXT, NEXT]);
    store.restore(snapshot);
    expect(ends()).toEqual([ONE, ONE]);
    expect(store.parameters.map(({ rounded }) => rounded.length)).toEqual([3000, 0, 0, 0, 2500]);
  });

  it("are what a program reads of them", async () => {
    const store = await ParameterStore.create(SPECS, { ...TRAINING, ...ROUNDED });
    const views = store.views({ parameters: SPECS, rounded: new Map([["w:bf16", "first.weight"]]) });
    expect(Object.keys(views)).toEqual([...SPECS.slice(1).map(({ name }) => name), "w:bf16"]);
    expect(views["w:bf16"]).toMatchObject({ type: "bfloat16", dims: [100, 30] });
    expect(views["w:bf16"].data).toBe(store.get("first.weight").rounded);
  });
});

describe("several memories", () => {
  it("puts tables into the first memory, and into another what no longer fits", async () => {
    const store = await ParameterStore.create(SPECS, { ...TRAINING, memoryBytes: SMALL });
    expect(arenas(store).length).toBeGreaterThan(1);
    expect(store.get("words").arena).toBe(store.arena);
    expect(arenas(store).every(({ byteLength }) => byteLength <= SMALL)).toBe(true);
    for (const { weight, arena } of store.parameters) expect(weight.buffer).toBe(arena.memory.buffer);
    expect(store.parameters.map(({ spec }) => spec)).toEqual(SPECS);
  });

  it("leaves room for the batch in the first", async () => {
    const batchBytes = 40_000;
    const store = await ParameterStore.create(SPECS, { training: true, batchBytes, memoryBytes: SMALL });
    expect(store.arena.uint8(batchBytes).length).toBe(batchBytes);
  });

  it("refuses a tensor that exceeds what a memory can be", async () => {
    const huge: ParameterSpec = {
      name: "huge",
      dims: [2 ** 15, 2 ** 15],
      initializer: "zeros",
      table: false,
    };
    await expect(ParameterStore.create([huge], TRAINING)).rejects.toThrow(RangeError);
  });
});

describe("bytes", () => {
  it.each<[string, StoreOptions]>([
    ["for prediction", { training: false, batchBytes: 5000 }],
    ["for training", TRAINING],
    ["with weights in bf16", { ...TRAINING, ...ROUNDED, memoryBytes: SMALL }],
    ["for accumulation", { ...TRAINING, accumulates: true }],
    ["where some are frozen", { ...TRAINING, accumulates: true, frozen: new Set(["words", "first.bias"]) }],
    ["in several memories", { ...TRAINING, accumulates: true, memoryBytes: SMALL }],
  ])("says what create takes %s, to the byte", async (_what, options) => {
    const store = await ParameterStore.create(SPECS, options);
    // Feeds are taken later; the arenas' own 64 bytes are counted on both sides.
    const used = arenas(store).reduce((sum, arena) => sum + arena.used, 0);
    expect(used + options.batchBytes).toBe(ParameterStore.bytes(SPECS, options));
  });
});

describe("snapshot", () => {
  it("is a copy that restore brings back, in every memory", async () => {
    const store = await ParameterStore.create(SPECS, { ...TRAINING, memoryBytes: SMALL });
    store.parameters.forEach(({ weight }, i) => {
      weight.fill(i + 1);
    });
    const snapshot = store.snapshot();
    for (const { weight, gradient } of store.parameters) {
      weight.fill(-1);
      gradient.fill(9);
    }
    store.restore(snapshot);
    expect(store.parameters.map(({ weight }) => [weight[0], weight.at(-1)])).toEqual(
      SPECS.map((_, i) => [i + 1, i + 1]),
    );
    expect(store.parameters.every(({ gradient }) => gradient[0] === 9)).toBe(true);
  });

  it("copies nothing of what is frozen", async () => {
    const store = await ParameterStore.create(SPECS, { ...TRAINING, frozen: new Set(["words"]) });
    const snapshot = store.snapshot();
    const shared = store.parameters.filter(({ weight }, i) => snapshot[i] === weight);
    expect(shared.map(({ spec }) => spec.name)).toEqual(["words"]);
    store.get("words").weight.fill(3);
    store.restore(snapshot);
    expect(store.get("words").weight[0]).toBe(3);
  });

  it("writes over an earlier copy", async () => {
    const store = await ParameterStore.create(SPECS, TRAINING);
    const first = store.snapshot();
    store.get("words").weight.fill(5);
    const second = store.snapshot(first);
    expect(second.every((copy, i) => copy === first[i])).toBe(true);
    expect(second[2][0]).toBe(5);
  });
});

describe("initialize", () => {
  async function fresh(seed: number) {
    const store = await ParameterStore.create(SPECS, { training: false, batchBytes: 0 });
    for (const parameter of store.parameters) {
      parameter.weight.fill(7);
      initialize(parameter, seed, 0.02);
    }
    return store;
  }

  it("draws normal weights with the given deviation", async () => {
    const { weight } = (await fresh(1)).get("first.weight");
    const mean = weight.reduce((a, b) => a + b, 0) / weight.length;
    const variance = weight.reduce((a, b) => a + (b - mean) ** 2, 0) / weight.length;
    // Five standard errors of 3000 draws.
    expect(Math.abs(mean)).toBeLessThan((5 * 0.02) / Math.sqrt(3000));
    expect(Math.abs(Math.sqrt(variance) / 0.02 - 1)).toBeLessThan(0.065);
  });

  it("fills biases with 0 and scales with 1", async () => {
    const store = await fresh(1);
    expect(new Set(store.get("first.bias").weight)).toEqual(new Set([0]));
    expect(new Set(store.get("LayerNorm.weight").weight)).toEqual(new Set([1]));
  });

  it("depends on seed and name alone", async () => {
    const [one, again, other] = [await fresh(1), await fresh(1), await fresh(2)];
    const { weight } = one.get("first.weight");
    expect(again.get("first.weight").weight).toEqual(weight);
    expect(other.get("first.weight").weight).not.toEqual(weight);
    expect(one.get("second.weight").weight.subarray(0, 30)).not.toEqual(weight.subarray(0, 30));
  });
});
