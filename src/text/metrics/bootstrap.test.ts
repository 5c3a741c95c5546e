/** Intervals against those that scipy.stats.bootstrap recorded of the same rows. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bootstrapIntervals, percentileInterval } from "./bootstrap.ts";
import { classRows } from "./counted-rows.ts";
import { Pairs } from "./regression.ts";

interface Recorded {
  right: number[];
  other: number[];
  x: number[];
  y: number[];
  accuracy: { low: number; high: number };
  difference: { low: number; high: number };
  pearson: { low: number; high: number };
  exact: { values: number[]; level: number; low: number; high: number };
}

const RECORDED: Recorded = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/bootstrap.json", import.meta.url), "utf8"),
);
const rows = RECORDED.right.length;

/** Rows of which a class is right or wrong. */
function judged(right: readonly number[]) {
  const { rows, add } = classRows({ labels: 2 });
  for (const bit of right) add(bit, 1);
  return rows;
}

describe("intervals", () => {
  it("of given values are scipy's to the last digits", () => {
    const { values, level, low, high } = RECORDED.exact;
    const interval = percentileInterval(Float64Array.from(values).reverse(), level);
    expect(interval.low).toBeCloseTo(low, 14);
    expect(interval.high).toBeCloseTo(high, 14);
  });

  // Other random numbers: the ends of 20,000 resamples and of 10,000 differ by far less than a tenth of the width.
  const within = (
    actual: { low: number; high: number },
    expected: { low: number; high: number },
    share = 0.04,
  ) => {
    const tolerance = share * (expected.high - expected.low);
    expect(Math.abs(actual.low - expected.low)).toBeLessThan(tolerance);
    expect(Math.abs(actual.high - expected.high)).toBeLessThan(tolerance);
  };

  it("of an accuracy and of a difference paired by row are scipy's but for the random numbers", () => {
    const [first, second] = [judged(RECORDED.right), judged(RECORDED.other)];
    const intervals = bootstrapIntervals(
      (weights) => {
        const accuracy = first.metrics(weights).accuracy;
        return { accuracy, difference: accuracy - second.metrics(weights).accuracy };
      },
      { rows, resamples: 10_000 },
    );
    within(intervals.accuracy, RECORDED.accuracy);
    within(intervals.difference, RECORDED.difference, 0.06);
  });

  it("of a correlation are scipy's but for the random numbers", () => {
    const pairs = new Pairs(Float64Array.from(RECORDED.x), Float64Array.from(RECORDED.y));
    const intervals = bootstrapIntervals((weights) => pairs.metrics(weights), { rows, resamples: 10_000 });
    within(intervals.pearson, RECORDED.pearson);
  });

  it("are the same for a seed, and others for another", () => {
    const accuracy = judged(RECORDED.right);
    const of = (seed: number) =>
      bootstrapIntervals((weights) => accuracy.metrics(weights), { rows, resamples: 50, seed });
    expect(of(1)).toEqual(of(1));
    expect(of(2)).not.toEqual(of(1));
  });

  it("of rows that are all alike have no width", () => {
    const { accuracy } = bootstrapIntervals((weights) => judged([1, 1, 1]).metrics(weights), { rows: 3 });
    expect(accuracy).toEqual({ low: 1, high: 1 });
  });
});
