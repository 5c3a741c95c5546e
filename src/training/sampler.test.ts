/** The order of rows: whole epochs, reproducible, resumable. */
import { describe, expect, it } from "vitest";
import { type SamplerOptions, stepRows, stepsPerEpoch } from "./sampler.ts";

const OPTIONS: SamplerOptions = { rows: 23, batchSize: 4, accumulation: 1, seed: 42 };

function take(options: SamplerOptions, count: number, firstStep = 0): number[][][] {
  const steps = stepRows(options, firstStep);
  return Array.from({ length: count }, () => steps.next().value!.map((micro: Uint32Array) => [...micro]));
}

const ascending = (rows: number) => Array.from({ length: rows }, (_, i) => i);
const sorted = (steps: number[][][]) => steps.flat(2).sort((a, b) => a - b);

describe("stepsPerEpoch", () => {
  it.each([
    [23, 4, 1, 6],
    [24, 4, 1, 6],
    [25, 4, 1, 7],
    [23, 4, 2, 3],
    [1, 32, 8, 1],
  ])("%i rows by %i by %i are %i steps", (rows, batchSize, accumulation, steps) => {
    expect(stepsPerEpoch({ rows, batchSize, accumulation })).toBe(steps);
  });
});

describe("stepRows", () => {
  it("visits each row once an epoch", () => {
    const steps = take(OPTIONS, 18);
    for (const epoch of [0, 1, 2])
      expect(sorted(steps.slice(6 * epoch, 6 * epoch + 6)), `epoch ${epoch}`).toEqual(ascending(23));
  });

  it("shuffles each epoch anew", () => {
    const steps = take(OPTIONS, 12);
    const [first, second] = [steps.slice(0, 6).flat(2), steps.slice(6).flat(2)];
    expect(first).not.toEqual(ascending(23));
    expect(second).not.toEqual(first);
  });

  it("ends an epoch with a short batch and never mixes epochs", () => {
    expect(take(OPTIONS, 7).map(([micro]) => micro.length)).toEqual([4, 4, 4, 4, 4, 3, 4]);
  });

  it("depends on the seed, and on it alone", () => {
    expect(take(OPTIONS, 12)).toEqual(take({ ...OPTIONS }, 12));
    expect(take(OPTIONS, 6)).not.toEqual(take({ ...OPTIONS, seed: 43 }, 6));
  });

  it("has one order whatever the batch", () => {
    const order = take(OPTIONS, 6).flat(2);
    expect(take({ ...OPTIONS, batchSize: 7 }, 4).flat(2)).toEqual(order);
    expect(take({ ...OPTIONS, batchSize: 2, accumulation: 3 }, 4).flat(2)).toEqual(order);
  });

  it.each([1, 5, 6, 7, 12, 17])("goes on from step %i as if it had never stopped", (firstStep) => {
    expect(take(OPTIONS, 18 - firstStep, firstStep)).toEqual(take(OPTIONS, 18).slice(firstStep));
  });

  it("cuts a step into micro-batches, the last step into what is left", () => {
    const steps = take({ ...OPTIONS, accumulation: 3 }, 2);
    expect(steps.map((micro) => micro.map(({ length }) => length))).toEqual([
      [4, 4, 4],
      [4, 4, 3],
    ]);
  });

  it("leaves out micro-batches that would be empty", () => {
    const [micro] = take({ rows: 5, batchSize: 4, accumulation: 4, seed: 1 }, 1);
    expect(micro.map(({ length }) => length)).toEqual([4, 1]);
  });

  it("goes round on a single row", () => {
    expect(take({ rows: 1, batchSize: 8, accumulation: 1, seed: 0 }, 3)).toEqual([[[0]], [[0]], [[0]]]);
  });

  describe("by length", () => {
    // 1,000 rows of the lengths 0 to 99, ten of each: 250 steps, five stretches of 50.
    const lengths = { ...OPTIONS, rows: 1000, lengthOf: (row: number) => row % 100 };
    const spread = (rows: readonly number[]) =>
      Math.max(...rows.map((row) => row % 100)) - Math.min(...rows.map((row) => row % 100));
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

    it("visits each row once an epoch", () => {
      const steps = take(lengths, 500);
      for (const epoch of [0, 1])
        expect(sorted(steps.slice(250 * epoch, 250 * epoch + 250))).toEqual(ascending(1000));
    });

    it("has rows of like length in a step, and steps of all lengths side by side", () => {
      const steps = take(lengths, 250);
      expect(mean(steps.map((micro) => spread(micro.flat())))).toBeLessThan(5);
      expect(
        mean(take({ ...lengths, lengthOf: undefined }, 250).map((micro) => spread(micro.flat()))),
      ).toBeGreaterThan(40);
      // Sorted steps would differ by less than one from their neighbours.
      const means = steps.map((micro) => mean(micro.flat().map((row) => row % 100)));
      expect(mean(means.slice(1).map((value, i) => Math.abs(value - means[i])))).toBeGreaterThan(20);
    });

    it("puts other rows together in the next epoch", () => {
      const together = (steps: number[][][]) => new Set(steps.map((micro) => String(micro.flat().sort())));
      const [first, second] = [take(lengths, 250), take(lengths, 250, 250)].map(together);
      expect([...first].filter((rows) => second.has(rows)).length).toBeLessThan(5);
    });

    it.each([1, 100, 249, 250, 260])("goes on from step %i as if it had never stopped", (firstStep) => {
      expect(take(lengths, 300 - firstStep, firstStep)).toEqual(take(lengths, 300).slice(firstStep));
    });
  });
});
