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
  it("gives rows with and without a gradient the bits that adamw gives them", async () => {
    const arena = await Arena.create(1 << 16);
    const [rows, width] = [5, 13];
    const marks = arena.uint8(rows);
    marks.set([0, 2, 0, 1, 2]);
    const make = () => [0, 1, 2, 3].map(() => arena.float32(rows * width));
    const [whole, byRow] = [make(), make()];
    for (const [p, g, m, v] of [whole, byRow]) {
      for (let i = 0; i < p.length; i++) {
        const active = marks[Math.floor(i / width)];
        p[i] = Math.sin(i + 1);
        g[i] = active === 2 ? Math.cos(3 * i) : 0;
        m[i] = active ? 0.1 * Math.sin(7 * i) : 0;
        v[i] = active ? 0.01 * (1 + Math.sin(5 * i)) : 0;
      }
    }
    const options = { ...OPTIONS, gradientScale: 0.5 };
    const [p, g, m, v] = whole;
    arena.kernels.adamw(p, g, m, v, options);
    const [p2, g2, m2, v2] = byRow;
    arena.kernels.adamwRows(p2, g2, m2, v2, marks, options);
    expect([p2, m2, v2]).toEqual([p, m, v]);
    expect(() => arena.kernels.adamwRows(p, g, m, v, arena.uint8(4), options)).toThrow(RangeError);
  });

  it.each([1, 8, 13])(
    "ends moments of rows that are no longer read, and moves them alike: width %i",
    (width) => {
      const least = [2 ** -100, 2 ** -120];
      const options = { ...OPTIONS, biasCorrection1: 1, biasCorrection2: 1 };
      const [p, g, m, v] = [0.5, 0, 2 * least[0], 2 * least[1]].map((x) => floats(Array(width).fill(x)));
      let expected = 0.5;
      for (let step = 0; step < 800; step++) {
        kernels.adamwRows(p, g, m, v, marksOf([1]), options);
        expected = Math.fround(expected * Math.fround(1 - 0.1 * 0.01));
        const tiny = [m, v].flatMap((moment, i) => [...moment].filter((x) => x !== 0 && x < least[i]));
        expect(tiny.length).toBe(0);
      }
      expect([...m, ...v].every((x) => x === 0)).toBe(true);
      expect([...p]).toEqual(Array(width).fill(expected));
    },
  );
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

  it.each(LENGTHS)("writes the parameters in bf16 beside, and nothing else: %i", (length) => {
    const make = () => [1, 2, 3, 4].map((seed) => floats(sequence(length, seed).map(Math.abs)));
    const [[p, ...plain], [q, ...others]] = [make(), make()];
    const rounded = bf16s(length + 1);
    rounded.fill(7);
    kernels.adamw(p, plain[0], plain[1], plain[2], optionsAt(3));
    kernels.adamw(q, others[0], others[1], others[2], optionsAt(3), rounded.subarray(0, length));
    expect(q).toEqual(p);
    expect([...rounded]).toEqual([...Array.from(p, nearestBf16), 7]);
  });

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
    expect(() => kernels.adamw(four, four, four, four, optionsAt(1), bf16s(3))).toThrow(
      new RangeError("adamw: expected 4 elements, got 3"),
    );
    expect(() => kernels.adamw(four, four, four, four, optionsAt(1), new Uint16Array(4))).toThrow(TypeError);
  });
});

/** By the definition: the upper half of the bits, the nearer of two, of two as near the even one. */
function nearestBf16(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0];
  const [down, rest] = [bits >>> 16, bits & 0xffff];
  return rest > 0x8000 || (rest === 0x8000 && down % 2 === 1) ? down + 1 : down;
}

function bf16s(length: number): Uint16Array {
  return arena.uint16(length);
}

describe("roundToBf16", () => {
  it.each(LENGTHS)("takes the nearest, and touches nothing else: %i", (length) => {
    const out = bf16s(length + 1);
    out.fill(7);
    const x = sequence(length);
    kernels.roundToBf16(out.subarray(0, length), floats(x));
    expect([...out]).toEqual([...Array.from(x, nearestBf16), 7]);
  });

  it.each([1, 8])("halves go to even, infinity stays, NaN stays NaN, in stretches of %i", (width) => {
    const halves = [1 + 2 ** -8, 1 + 3 * 2 ** -8, -1 - 2 ** -8, 3.4e38, Number.POSITIVE_INFINITY, 0, -0];
    const expected = [0x3f80, 0x3f82, 0xbf80, 0x7f80, 0x7f80, 0, 0x8000];
    const x = floats(halves.flatMap((value) => Array(width).fill(value)));
    const out = bf16s(x.length);
    kernels.roundToBf16(out, x);
    expect([...out]).toEqual(expected.flatMap((value) => Array(width).fill(value)));
    for (const bits of [0x7fc00000, 0x7fffffff, 0x7f800001, 0xffffffff]) {
      new Uint32Array(x.buffer, x.byteOffset, x.length).fill(bits);
      kernels.roundToBf16(out, x);
      for (const value of out) expect(value & 0x7fff).toBeGreaterThan(0x7f80);
    }
  });

  it("refuses what is outside the arena or of another length", () => {
    const x = floats([1, 2]);
    expect(() => kernels.roundToBf16(bf16s(3), x)).toThrow("roundToBf16: expected 2 elements, got 3");
    expect(() => kernels.roundToBf16(new Uint16Array(2), x)).toThrow(TypeError);
    expect(() => kernels.roundToBf16(bf16s(2), Float32Array.of(1, 2))).toThrow(TypeError);
  });
});

describe("sumOfSquares", () => {
  // Of each lane of float32 four squares are added up by twos, then four lanes: four roundings of half of 2^-23.
  const ROUNDINGS = 4 * 2 ** -24;

  it.each([...LENGTHS, 255, 256, 257, 100_000])("is that of float64 to four roundings: %i", (length) => {
    const x = sequence(length);
    const expected = x.reduce((sum, value) => sum + value * value, 0);
    expect(Math.abs(sumOfSquares(floats(x)) - expected)).toBeLessThanOrEqual(ROUNDINGS * expected);
  });

  it("counts each element once, wherever it is", () => {
    const x = floats(new Float32Array(600));
    for (let i = 0; i < x.length; i++) {
      x[i] = 3;
      expect(sumOfSquares(x), `index ${i}`).toBe(9);
      x[i] = 0;
    }
  });

  it("loses no small elements beside a large one, as sums in float32 do", () => {
    const ones = 60_000;
    const expected = 1e8 + ones;
    const sum = sumOfSquares(floats([1e4, ...new Array<number>(ones).fill(1)]));
    expect(Math.abs(sum - expected)).toBeLessThanOrEqual(ROUNDINGS * 1e8);
  });

  it.each([1, 1000])("does not overflow where float32 would: %i elements", (length) => {
    const huge = Math.fround(1e30);
    const sum = sumOfSquares(floats(new Array<number>(length).fill(huge)));
    expect(sum / (length * huge * huge)).toBeCloseTo(1, 12);
  });

  it.each([0, 5, 9, 300, 999])("shows NaN and infinity at index %i", (index) => {
    const x = floats(sequence(1000));
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
    const rounded = fresh.uint16(1003);
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
    fresh.kernels.roundToBf16(rounded, p);
    fresh.kernels.dropoutMask(mask, 0.5, [1, 2, 3, 4]);
    expect(bytes.subarray(0, 64).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(used).every((byte) => byte === 0)).toBe(true);
  });
});
