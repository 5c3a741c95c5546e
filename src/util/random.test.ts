/** Counter-based random numbers: the moments they must have, and that a value depends on its words alone. */
import { describe, expect, it } from "vitest";
import { extendHash, hash32, hashText, normal, PURPOSE, permutation, uniform } from "./random.ts";

const COUNT = 100_000;
const draw = (value: (i: number) => number) => Array.from({ length: COUNT }, (_, i) => value(i));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const moment = (values: readonly number[], power: number) => mean(values.map((x) => x ** power));

describe("hash32", () => {
  it("can be extended by a word", () => {
    for (const word of [0, 7, -1, 2 ** 31]) expect(extendHash(hash32(1, 2), word)).toBe(hash32(1, 2, word));
  });

  it("is an unsigned integer of 32 bits, the same on every machine", () => {
    const values = [hash32(), hash32(0), hash32(1, 2, 3), hash32(-1, 2 ** 32 - 1)];
    for (const value of values) expect(value >>> 0).toBe(value);
    expect(new Set(values).size).toBe(4);
    expect(hash32(1, 2, 3)).toBe(hash32(1, 2, 3));
  });

  it("tells words apart by place and number", () => {
    expect(hash32(1, 2)).not.toBe(hash32(2, 1));
    expect(hash32(1)).not.toBe(hash32(1, 0));
  });

  it("changes about half of all bits with one bit of a word", () => {
    const flips = draw((i) => popcount(hash32(7, i) ^ hash32(7, i ^ 1)));
    expect(mean(flips)).toBeGreaterThan(15.8);
    expect(mean(flips)).toBeLessThan(16.2);
  });
});

function popcount(x: number): number {
  let count = 0;
  for (let bits = x >>> 0; bits !== 0; bits >>>= 1) count += bits & 1;
  return count;
}

describe("uniform", () => {
  const values = draw((i) => uniform(42, PURPOSE.dropout, i));

  // The limits are four and more standard errors of 100,000 draws.
  it("has the mean and variance of numbers between 0 and 1", () => {
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.004);
    expect(Math.abs(moment(values, 2) - mean(values) ** 2 - 1 / 12)).toBeLessThan(0.001);
  });

  it("stays inside (0, 1)", () => {
    expect(values.every((x) => x > 0 && x < 1)).toBe(true);
  });

  it("fills every tenth alike", () => {
    const counts = new Array(10).fill(0);
    for (const x of values) counts[Math.floor(10 * x)] += 1;
    for (const count of counts) expect(Math.abs(count - COUNT / 10)).toBeLessThan(500);
  });

  it("has neighbours that say nothing about each other", () => {
    const products = values.slice(1).map((x, i) => (x - 0.5) * (values[i] - 0.5));
    expect(Math.abs(mean(products) * 12)).toBeLessThan(0.02);
  });

  it("gives each purpose and seed a stream of its own", () => {
    const streams = Object.values(PURPOSE).flatMap((purpose) =>
      [0, 1].map((seed) => uniform(seed, purpose, 5)),
    );
    expect(new Set(streams).size).toBe(2 * Object.keys(PURPOSE).length);
  });
});

describe("normal", () => {
  it("has the moments of a standard normal distribution", () => {
    const values = draw((i) => normal(1, PURPOSE.initialization, i));
    expect(Math.abs(mean(values))).toBeLessThan(0.015);
    expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(values, 3))).toBeLessThan(0.06);
    expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(0.15);
  });
});

describe("permutation", () => {
  it.each([0, 1, 2, 3, 1000])("orders %i numbers without losing one", (count) => {
    const order = permutation(count, 42);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it("depends on its words alone", () => {
    expect(permutation(50, 1, 2)).toEqual(permutation(50, 1, 2));
    expect(permutation(50, 1, 2)).not.toEqual(permutation(50, 1, 3));
    expect(permutation(50, 1, 2)).not.toEqual(permutation(50, 2, 2));
  });

  it("makes the six orders of three equally often", () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 12_000; seed++) {
      const order = permutation(3, seed).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const [order, count] of counts) expect(Math.abs(count - 2000), order).toBeLessThan(180);
  });
});

describe("hashText", () => {
  // http://www.isthe.com/chongo/tech/comp/fnv/: published values of FNV-1a with 32 bits.
  it.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["foobar", 0xbf9cf968],
  ])("is FNV-1a of %j", (text, expected) => {
    expect(hashText(text)).toBe(expected);
  });
});
