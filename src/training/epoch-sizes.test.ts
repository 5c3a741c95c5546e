/** The largest batches of a first epoch, held against all batches that the sampler gives. */
import { describe, expect, it } from "vitest";
import { tinyRows } from "../../test/helpers/tiny-step.ts";
import { batchSizes, type Sizes } from "./batch.ts";
import { firstEpochSizes, type Sampling } from "./epoch-sizes.ts";
import { roundedSizes, roundingFor } from "./rounding.ts";
import { stepRows, stepsPerEpoch } from "./sampler.ts";

const LENGTHS = Array.from({ length: 61 }, (_, i) => 2 + ((i * 37) % 60));
const ROWS = tinyRows(LENGTHS);
const EXACT = roundingFor({ compilesShapes: false });

/** The sizes of every batch of the first epoch. */
function allSizes({ groupByLength, totalSteps, ...sampling }: Sampling): Sizes[] {
  const lengthOf = groupByLength ? (row: number) => ROWS.length(row) : undefined;
  const options = { ...sampling, rows: ROWS.rows, lengthOf };
  const steps = stepRows(options);
  const micro = Array.from(
    { length: Math.min(totalSteps, stepsPerEpoch(options)) },
    () => steps.next().value as Uint32Array[],
  );
  return micro.flat().map((rows) => batchSizes(ROWS, rows));
}

const most = (list: readonly Sizes[], measure: (sizes: Sizes) => number) => Math.max(...list.map(measure));

describe("the largest batches of the first epoch", () => {
  it.each([
    ["shuffled", { batchSize: 8, accumulation: 1, seed: 3, groupByLength: false, totalSteps: 99 }],
    ["of like length", { batchSize: 4, accumulation: 2, seed: 3, groupByLength: true, totalSteps: 99 }],
    [
      "of a run that ends before",
      { batchSize: 8, accumulation: 1, seed: 3, groupByLength: false, totalSteps: 3 },
    ],
    ["of one row", { batchSize: 1, accumulation: 1, seed: 3, groupByLength: false, totalSteps: 99 }],
  ])("%s: each is one, and none is larger in any measure", (_, sampling) => {
    const [largest, all] = [firstEpochSizes(ROWS, sampling, EXACT), allSizes(sampling)];
    expect(all).toEqual(expect.arrayContaining(largest));
    for (const measure of [
      ({ T }: Sizes) => T,
      ({ S }: Sizes) => S,
      ({ B, S }: Sizes) => B * S * S,
      ({ G, S }: Sizes) => G * S * S,
      ({ B, S, T }: Sizes) => 7 * T + B * S,
    ]) {
      expect(most(largest, measure)).toBe(most(all, measure));
    }
    expect(largest.length).toBeLessThan(all.length);
  });

  it("are smaller than the longest rows all together where rows are shuffled", () => {
    const shuffled = firstEpochSizes(
      ROWS,
      { batchSize: 8, accumulation: 1, seed: 3, groupByLength: false, totalSteps: 99 },
      EXACT,
    );
    const longest = [...LENGTHS].sort((a, b) => b - a).slice(0, 8);
    expect(most(shuffled, ({ T }) => T)).toBeLessThan(longest.reduce((a, b) => a + b));
  });

  it("are cut and rounded as the batches will be", () => {
    const sampling = { batchSize: 8, accumulation: 1, seed: 3, groupByLength: false, totalSteps: 99 };
    const cut = firstEpochSizes(ROWS, { ...sampling, maxLength: 20 }, EXACT);
    expect(most(cut, ({ S }) => S)).toBe(20);
    const rounding = roundingFor({ compilesShapes: true });
    for (const sizes of firstEpochSizes(ROWS, sampling, rounding)) {
      expect(sizes).toMatchObject(roundedSizes(sizes, rounding));
    }
  });
});
