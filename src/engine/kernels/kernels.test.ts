import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { Arena } from "./arena.ts";
import type { AdamWOptions, Kernels } from "./kernels.ts";

let arena: Arena;
let kernels: Kernels;

beforeAll(async () => {
  arena = await Arena.create(8_000_000);
  kernels = arena.kernels;
});

/** A copy in the arena. */
function floats(values: ArrayLike<number>): Float32Array {
  const view = arena.float32(values.length);
  view.set(values);
  return view;
}

function ids(values: number[]): Int32Array {
  const view = arena.int32(values.length);
  view.set(values);
  return view;
}

function marksOf(values: number[]): Uint8Array {
  const view = arena.uint8(values.length);
  view.set(values);
  return view;
}

function sumOfSquares(x: Float32Array): number {
  const sum = arena.float64(1);
  kernels.sumOfSquares(x, sum);
  return sum[0];
}

/** Deterministic values in (-1, 1), exact in float32. */
function sequence(length: number, seed = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin((i + 1) * 12.9898 + seed * 78.233));
}

/** Every length around a vector's, twice a vector's, and one that is long. */
const LENGTHS = [0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 1000, 1003];

describe("adamwRows", () => {
  it("gives touched rows and untouched ones the bits that adamw gives them", async () => {
    const arena = await Arena.create(1 << 16);
    const [rows, width] = [5, 13];
    const touched = arena.uint8(rows);
    touched.set([0, 1, 0, 1, 1]);
    const make = () => [0, 1, 2, 3].map(() => arena.float32(rows * width));
    const [whole, byRow] = [make(), make()];
    for (const [p, g, m, v] of [whole, byRow]) {
      for (let i = 0; i < p.length; i++) {
        const active = touched[Math.floor(i / width)];
        p[i] = Math.sin(i + 1);
        g[i] = active ? Math.cos(3 * i) : 0;
        m[i] = active ? 0.1 * Math.sin(7 * i) : 0;
        v[i] = active * 0.01 * (1 + Math.sin(5 * i));
      }
    }
    const options = { ...OPTIONS, gradientScale: 0.5 };
    const [p, g, m, v] = whole;
    arena.kernels.adamw(p, g, m, v, options);
    const [p2, g2, m2, v2] = byRow;
    arena.kernels.adamwRows(p2, g2, m2, v2, touched, options);
    expect([p2, m2, v2]).toEqual([p, m, v]);
    expect(() => arena.kernels.adamwRows(p, g, m, v, arena.uint8(4), options)).toThrow(RangeError);
  });
});

const OPTIONS = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  biasCorrection1: 0.1,
  biasCorrection2: 0.001,
  gradientScale: 1,
};

describe("adamw", () => {
  interface Fixture {
    options: { lr: number; betas: [number, number]; eps: number; weight_decay: number };
    initial: number[];
    steps: { gradient: number[]; parameters: number[]; exp_avg: number[]; exp_avg_sq: number[] }[];
  }
  const read = (name: string): Fixture =>
    JSON.parse(readFileSync(new URL(`../../../test/fixtures/${name}.json`, import.meta.url), "utf8"));
  const fixture = read("adamw");

  function optionsAt(step: number, gradientScale = 1): AdamWOptions {
    const { lr, betas, eps, weight_decay } = fixture.options;
    return {
      learningRate: lr,
      beta1: betas[0],
      beta2: betas[1],
      epsilon: eps,
      weightDecay: weight_decay,
      biasCorrection1: 1 - betas[0] ** step,
      biasCorrection2: 1 - betas[1] ** step,
      gradientScale,
    };
  }

  /** Largest distance over a series of steps, in units of float32's resolution at each element's largest value. */
  function maxUlps(actual: number[][], expected: number[][]): number {
    const distances = expected[0].map((_, i) => {
      const largest = Math.max(...expected.map((values) => Math.abs(values[i])), 2 ** -126);
      const distance = Math.max(...expected.map((values, step) => Math.abs(actual[step][i] - values[i])));
      return distance / 2 ** (Math.floor(Math.log2(largest)) - 23);
    });
    return Math.max(...distances);
  }

  it.each([
    ["adamw", 1, {}],
    ["adamw", 0.25, {}],
    ["adamw-uncorrected", 1, { biasCorrection1: 1, biasCorrection2: 1 }],
  ])("follows PyTorch step by step: %s, the gradient scaled by %s", (name, gradientScale, changes) => {
    const { initial, steps } = read(name);
    const p = floats(initial);
    const m = floats(new Float32Array(p.length));
    const v = floats(new Float32Array(p.length));
    const seen = steps.map((step, i) => {
      const g = floats(step.gradient.map((value) => value / gradientScale));
      kernels.adamw(p, g, m, v, { ...optionsAt(i + 1, gradientScale), ...changes });
      return { p: [...p], m: [...m], v: [...v] };
    });
    expect(
      maxUlps(
        seen.map((state) => state.m),
        steps.map((step) => step.exp_avg),
      ),
    ).toBeLessThanOrEqual(2);
    expect(
      maxUlps(
        seen.map((state) => state.v),
        steps.map((step) => step.exp_avg_sq),
      ),
    ).toBeLessThanOrEqual(3);
    expect(
      maxUlps(
        seen.map((state) => state.p),
        steps.map((step) => step.parameters),
      ),
    ).toBeLessThanOrEqual(3);
  });

  it.each(LENGTHS)(
    "does the same arithmetic in vectors as one by one, and touches nothing else: %i",
    (length) => {
      const whole = [1, 2, 3, 4].map((seed) => floats([...sequence(length, seed), 7]));
      whole[3].forEach((value, i) => {
        whole[3][i] = Math.abs(value);
      });
      const single = whole.map((array) => floats(array));
      const options = optionsAt(3, 0.5);
      const [p, g, m, v] = whole.map((array) => array.subarray(0, length));
      kernels.adamw(p, g, m, v, options);
      for (let i = 0; i < length; i++) {
        const [pi, gi, mi, vi] = single.map((array) => array.subarray(i, i + 1));
        kernels.adamw(pi, gi, mi, vi, options);
      }
      expect(whole).toEqual(single);
    },
  );

  it("leaves the gradient, and with a learning rate of 0 the parameters, as they are", () => {
    const [p, g, m, v] = [sequence(20), sequence(20, 2), new Float32Array(20), new Float32Array(20)].map(
      floats,
    );
    kernels.adamw(p, g, m, v, { ...optionsAt(1), learningRate: 0 });
    expect([...p]).toEqual([...sequence(20)]);
    expect([...g]).toEqual([...sequence(20, 2)]);
    expect(m.every((value) => value !== 0)).toBe(true);
  });

  it("refuses arrays of different lengths and arrays outside the arena", () => {
    const four = floats([1, 2, 3, 4]);
    const three = floats([1, 2, 3]);
    expect(() => kernels.adamw(four, four, three, four, optionsAt(1))).toThrow(
      new RangeError("adamw: expected 4 elements, got 3"),
    );
    expect(() => kernels.adamw(four, four, four, new Float32Array(4), optionsAt(1))).toThrow(
      new TypeError("adamw: expected a view of the arena's memory"),
    );
  });
});

describe("sumOfSquares", () => {
  it.each(LENGTHS)("adds in float64: %i", (length) => {
    const x = sequence(length);
    const expected = x.reduce((sum, value) => sum + value * value, 0);
    expect(Math.abs(sumOfSquares(floats(x)) - expected)).toBeLessThanOrEqual(1e-13 * expected);
  });

  it("loses no small element beside a large one, and does not overflow where float32 would", () => {
    expect(sumOfSquares(floats([1e4, ...new Array<number>(16).fill(1)]))).toBe(1e8 + 16);
    const huge = Math.fround(1e30);
    expect(sumOfSquares(floats([huge]))).toBe(huge * huge);
  });

  it.each([0, 5, 9])("shows NaN and infinity at index %i", (index) => {
    const x = floats(sequence(10));
    x[index] = Number.POSITIVE_INFINITY;
    expect(sumOfSquares(x)).toBe(Number.POSITIVE_INFINITY);
    x[index] = Number.NaN;
    expect(sumOfSquares(x)).toBeNaN();
  });
});

describe("add", () => {
  it.each(LENGTHS)("works on float32 and on nothing beside: %i", (length) => {
    const x = floats([...sequence(length), 9]);
    const y = sequence(length, 2);
    kernels.add(x.subarray(0, length), floats(y));
    expect([...x]).toEqual([...sequence(length).map((value, i) => value + y[i]), 9]);
  });

  it("refuses what is outside the arena or of another length", () => {
    const outside = new Float32Array(4);
    const inside = floats([1, 2, 3, 4]);
    for (const call of [
      () => kernels.add(inside, outside),
      () => kernels.add(outside, inside),
      () => sumOfSquares(outside),
      () => kernels.sumOfSquares(inside, new Float64Array(1)),
    ]) {
      expect(call).toThrow(TypeError);
    }
    expect(() => kernels.add(inside, inside.subarray(1))).toThrow(
      new RangeError("add: expected 4 elements, got 3"),
    );
    expect(() => kernels.sumOfSquares(inside, arena.float64(2))).toThrow(RangeError);
  });
});

describe("rows of a table", () => {
  it.each([1, 3, 8, 13])("are added in order, repeated ids too, summed and cleared: width %i", (width) => {
    const table = floats(sequence(5 * width));
    const marks = marksOf([1, 1, 0, 0, 0]);
    const names = [4, 0, 4, 2, 4];
    const rows = sequence(names.length * width, 3);
    const expected = sequence(5 * width);
    names.forEach((id, t) => {
      for (let j = 0; j < width; j++) expected[id * width + j] += rows[t * width + j];
    });
    kernels.addRows(table, marks, ids(names), floats(rows));
    expect([...table]).toEqual([...expected]);
    expect([...marks]).toEqual([2, 1, 2, 0, 2]);
    const isMarked = (i: number) => [0, 2, 4].includes(Math.floor(i / width));
    const sum = arena.float64(1);
    kernels.sumOfMarkedRows(table, marks, sum);
    const marked = expected.filter((_, i) => isMarked(i));
    expect(sum[0]).toBeCloseTo(
      marked.reduce((total, value) => total + value * value, 0),
      12,
    );
    kernels.clearMarkedRows(table, marks);
    expect([...table]).toEqual([...expected.map((value, i) => (isMarked(i) ? 0 : value))]);
    expect([...marks]).toEqual([1, 1, 1, 0, 1]);
    kernels.sumOfMarkedRows(table, marks, sum);
    expect(sum[0]).toBe(0);
  });

  it("refuse an id that is no row before anything is written", () => {
    const table = floats(sequence(6));
    const marks = marksOf([0, 0, 0]);
    const rows = floats(sequence(6, 2));
    for (const bad of [3, -1, 2 ** 31 - 1]) {
      expect(() => kernels.addRows(table, marks, ids([0, 2, bad]), rows)).toThrow(
        new RangeError(`addRows: ids[2] is ${bad}, the table has 3 rows`),
      );
    }
    expect([...table, ...marks]).toEqual([...sequence(6), 0, 0, 0]);
  });

  it("refuse sizes that do not fit", () => {
    const table = floats(sequence(6));
    const rows = floats(sequence(4));
    const [two, four] = [marksOf([0, 0]), marksOf([0, 0, 0, 0])];
    expect(() => kernels.addRows(table, two, ids([0, 1]), rows)).toThrow(
      "addRows: expected 6 elements, got 4",
    );
    const message = "6 elements in 4 rows";
    expect(() => kernels.addRows(table, four, ids([0, 1]), rows)).toThrow(message);
    expect(() => kernels.sumOfMarkedRows(table, four, arena.float64(1))).toThrow(message);
    expect(() => kernels.clearMarkedRows(table, four)).toThrow(message);
    expect(() => kernels.addRows(table, marksOf([0, 0, 0]), Int32Array.of(0, 1), rows)).toThrow(TypeError);
    expect(() => kernels.addRows(table, marksOf([0, 0, 0]), ids([0, 1]), rows.slice())).toThrow(TypeError);
  });
});

describe("the module", () => {
  it("keeps no data in the arena's memory", async () => {
    const fresh = await Arena.create(1_000_000);
    const bytes = new Uint8Array(fresh.memory.buffer);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    const [p, g, m, v] = [1, 2, 3, 4].map(() => fresh.float32(1003));
    const mask = fresh.uint8(1003);
    const rows = fresh.int32(3);
    const marks = fresh.uint8(59);
    const sum = fresh.float64(1);
    const { used } = fresh;
    const options = { learningRate: 1, beta1: 0.9, beta2: 0.9, epsilon: 1, weightDecay: 0 };
    for (const view of [p, g, m, v]) view.fill(1);
    fresh.kernels.adamw(p, g, m, v, { ...options, biasCorrection1: 1, biasCorrection2: 1, gradientScale: 1 });
    fresh.kernels.add(p, g);
    fresh.kernels.sumOfSquares(p, sum);
    fresh.kernels.addRows(p, marks, rows, g.subarray(0, 51));
    fresh.kernels.sumOfMarkedRows(p, marks, sum);
    fresh.kernels.adamwRows(p, g, m, v, marks, {
      ...options,
      ...{ biasCorrection1: 1, biasCorrection2: 1, gradientScale: 1 },
    });
    fresh.kernels.clearMarkedRows(p, marks);
    fresh.kernels.dropoutMask(mask, 0.5, [1, 2, 3, 4]);
    expect(bytes.subarray(0, 64).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(used).every((byte) => byte === 0)).toBe(true);
  });
});
