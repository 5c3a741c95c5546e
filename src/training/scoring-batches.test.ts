/** Every row in one batch, like beside like, and none that needs more room than was set aside. */
import { describe, expect, it } from "vitest";
import { tinyRows } from "../../test/helpers/tiny-step.ts";
import { uniform } from "../util/random.ts";
import { batchSizes } from "./batch.ts";
import { roundingFor } from "./rounding.ts";
import { BATCH_PLACES, largestScored, scoringBatches } from "./scoring-batches.ts";

const lengthsOf = (rows: number, most: number, seed = 7) =>
  Array.from({ length: rows }, (_, row) => 2 + Math.floor(uniform(seed, row) * (most - 1)));

const batchesOf = (
  lengths: readonly number[],
  { batchSize, compilesShapes = false }: { batchSize?: number; compilesShapes?: boolean } = {},
) => {
  const features = tinyRows(lengths);
  const rounding = roundingFor({ compilesShapes });
  const batches = [...scoringBatches(features, rounding, batchSize)];
  return { batches, sizes: batches.map((rows) => batchSizes(features, rows, rounding)) };
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
    const { sizes } = batchesOf(lengthsOf(100, 9), { batchSize: 7 });
    expect(sizes.map(({ B }) => B)).toEqual([...Array(14).fill(7), 2]);
  });

  it.each([
    ["short", lengthsOf(3000, 5)],
    ["of many lengths", lengthsOf(1500, 128)],
    ["long", lengthsOf(20, 4000)],
  ])("is never larger than what was set aside: rows %s", (_name, lengths) => {
    const most = largestScored(Math.max(...lengths));
    const exact = batchesOf(lengths).sizes;
    const rounded = batchesOf(lengths, { compilesShapes: true }).sizes;
    for (const { B, S, T, G } of [...exact, ...rounded]) {
      expect(G).toBeLessThanOrEqual(B);
      expect(G * S * S).toBeLessThanOrEqual(most.squares);
      expect(B).toBeLessThanOrEqual(most.B);
      expect(T).toBeLessThanOrEqual(most.T);
      expect(B * S).toBeLessThanOrEqual(most.B * most.S);
    }
  });

  it("has few shapes where a runtime compiles each, and each has room for its rows", () => {
    const stretches = Array.from({ length: 60 }, (_, seed) => lengthsOf(500, 60, seed));
    const shapes = (compilesShapes: boolean) => {
      const sizes = stretches.flatMap((lengths) => batchesOf(lengths, { compilesShapes }).sizes);
      return new Set(sizes.map(({ B, S, T }) => `${B} ${S} ${T}`)).size;
    };
    expect(shapes(true)).toBeLessThan(shapes(false) / 4);
    const [lengths] = stretches;
    const features = tinyRows(lengths);
    const { batches, sizes } = batchesOf(lengths, { compilesShapes: true });
    batches.forEach((rows, i) => {
      const { S, T } = batchSizes(features, rows);
      expect(sizes[i].S - S).toBeLessThan(8);
      expect(sizes[i].S).toBeGreaterThanOrEqual(S);
      expect(sizes[i].T).toBeGreaterThanOrEqual(T);
    });
  });
});
