/** Every row in one batch, like beside like, and none that needs more room than was set aside. */
import { describe, expect, it } from "vitest";
import { tinyRows } from "../../test/helpers/tiny-step.ts";
import { uniform } from "../util/random.ts";
import { batchSizes } from "./batch.ts";
import { BATCH_PLACES, largestScored, scoringBatches } from "./scoring-batches.ts";

const lengthsOf = (rows: number, most: number) =>
  Array.from({ length: rows }, (_, row) => 2 + Math.floor(uniform(7, row) * (most - 1)));

const batchesOf = (lengths: readonly number[], batchSize?: number) => {
  const features = tinyRows(lengths);
  const batches = [...scoringBatches(features, batchSize)];
  return { batches, sizes: batches.map((rows) => batchSizes(features, rows)) };
};

describe("scoringBatches", () => {
  it("has every row once, in the order of lengths", () => {
    const lengths = lengthsOf(500, 60);
    const rows = batchesOf(lengths).batches.flatMap((batch) => [...batch]);
    expect([...rows].sort((a, b) => a - b)).toEqual(lengths.map((_, row) => row));
    rows.slice(1).forEach((row, i) => {
      expect(lengths[row]).toBeLessThanOrEqual(lengths[rows[i]]);
    });
  });

  it("fills the grid as far as whole rows go", () => {
    const { sizes } = batchesOf([...Array(100).fill(100), ...Array(3000).fill(2)]);
    for (const { B, S } of sizes) expect(B * S).toBeLessThanOrEqual(BATCH_PLACES);
    for (const { B, S } of sizes.slice(0, -1)) expect((B + 1) * S).toBeGreaterThan(BATCH_PLACES);
  });

  it("gives a row that is longer than a batch one of its own", () => {
    const { sizes } = batchesOf([3000, 600, 2000, 600]);
    expect(sizes.map(({ B, S }) => [B, S])).toEqual([
      [1, 3000],
      [1, 2000],
      [1, 600],
      [1, 600],
    ]);
  });

  it("has no more rows than were asked for", () => {
    const { sizes } = batchesOf(lengthsOf(100, 9), 7);
    expect(sizes.map(({ B }) => B)).toEqual([...Array(14).fill(7), 2]);
  });

  it.each([
    ["short", lengthsOf(3000, 5)],
    ["of many lengths", lengthsOf(1500, 128)],
    ["long", lengthsOf(20, 4000)],
  ])("is never larger than what was set aside: rows %s", (_name, lengths) => {
    const most = largestScored(Math.max(...lengths));
    for (const { B, S, T } of batchesOf(lengths).sizes) {
      expect(B).toBeLessThanOrEqual(most.B);
      expect(T).toBeLessThanOrEqual(most.T);
      expect(B * S).toBeLessThanOrEqual(most.B * most.S);
    }
  });
});
