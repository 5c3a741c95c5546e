import { describe, expect, it } from "vitest";
import { arraysIn, LENGTHS, nearestBf16, sequence } from "../../../test/helpers/kernel-arrays.ts";
import { Arena } from "./arena.ts";

const arena = await Arena.create(8_000_000);
const { kernels } = arena;
const { floats, ids, marksOf } = arraysIn(arena);

function sumOfSquares(x: Float32Array): number {
  const sum = arena.float64(1);
  kernels.sumOfSquares(x, sum);
  return sum[0];
}

describe("roundToBf16", () => {
  it.each(LENGTHS)("takes the nearest, and touches nothing else: %i", (length) => {
    const out = arena.uint16(length + 1);
    out.fill(7);
    const x = sequence(length);
    kernels.roundToBf16(out.subarray(0, length), floats(x));
    expect([...out]).toEqual([...Array.from(x, nearestBf16), 7]);
  });

  it.each([1, 8])("halves go to even, infinity stays, NaN stays NaN, in stretches of %i", (width) => {
    const halves = [1 + 2 ** -8, 1 + 3 * 2 ** -8, -1 - 2 ** -8, 3.4e38, Number.POSITIVE_INFINITY, 0, -0];
    const expected = [0x3f80, 0x3f82, 0xbf80, 0x7f80, 0x7f80, 0, 0x8000];
    const x = floats(halves.flatMap((value) => Array(width).fill(value)));
    const out = arena.uint16(x.length);
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
    expect(() => kernels.roundToBf16(arena.uint16(3), x)).toThrow("roundToBf16: expected 2 elements, got 3");
    expect(() => kernels.roundToBf16(new Uint16Array(2), x)).toThrow(TypeError);
    expect(() => kernels.roundToBf16(arena.uint16(2), Float32Array.of(1, 2))).toThrow(TypeError);
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
