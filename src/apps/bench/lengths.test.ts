/** The histograms are whole, and lengths drawn from them have their bounds and shares. */
import { describe, expect, it } from "vitest";
import { LENGTHS, type LengthHistogram, lengthAt } from "./lengths.ts";
import { largestSizesOf, rowLengths, STEP_CASES, sizesOf } from "./step-cases.ts";

describe.each(Object.entries<LengthHistogram>(LENGTHS))("%s", (_, histogram) => {
  const { shortest, longest, perMille } = histogram;

  it("has all thousand rows, in bins that ascend", () => {
    expect(perMille.reduce((a, b) => a + b)).toBe(1000);
    expect(perMille).toHaveLength(longest.length);
    expect(longest).toEqual([...new Set(longest)].sort((a, b) => a - b));
    expect(shortest).toBeLessThanOrEqual(longest[0]);
    expect(Math.min(...perMille)).toBeGreaterThan(0);
  });

  it("gives each bin its share, from the shortest to the longest row", () => {
    const drawn = Array.from({ length: 1000 }, (_, i) => lengthAt(histogram, i / 1000));
    const counts = longest.map(
      (upTo, bin) => drawn.filter((x) => x <= upTo && x > (longest[bin - 1] ?? 0)).length,
    );
    expect(counts).toEqual(perMille);
    expect(drawn[0]).toBe(shortest);
    expect(lengthAt(histogram, 1 - 1e-9)).toBe(longest.at(-1));
    expect(() => lengthAt(histogram, 1)).toThrow(RangeError);
  });
});

it("within a bin all lengths are equally likely", () => {
  const histogram = { shortest: 2, longest: [5, 9], perMille: [400, 600] };
  expect([0, 0.099, 0.1, 0.3999, 0.4, 0.999].map((u) => lengthAt(histogram, u))).toEqual([2, 2, 3, 5, 6, 9]);
});

describe.each(STEP_CASES.map((one) => [one.name, one] as const))("case %s", (name, one) => {
  it("has the same batches each time, none larger than its largest sizes", () => {
    const largest = largestSizesOf(one);
    for (let number = 0; number < 50; number++) {
      const lengths = rowLengths(one, number);
      expect(rowLengths(one, number)).toEqual(lengths);
      const { B, S, T } = sizesOf(lengths);
      expect(B).toBe(name.endsWith("squad") ? 16 : 32);
      expect(S).toBeLessThanOrEqual(largest.S);
      expect(T).toBeLessThanOrEqual(largest.T);
    }
  });
});

it("real lengths differ from batch to batch, and are on average what the data's are", () => {
  const mean = (name: string) => {
    const one = STEP_CASES.find((other) => other.name === name)!;
    const batches = Array.from({ length: 200 }, (_, number) => rowLengths(one, number));
    expect(new Set(batches.map(String)).size).toBe(200);
    return batches.reduce((sum, lengths) => sum + sizesOf(lengths).T, 0) / 200 / one.batch;
  };
  expect(Math.abs(mean("minilm-cola") - 11.33)).toBeLessThan(0.3);
  expect(Math.abs(mean("base-snli") - 27.43)).toBeLessThan(0.7);
  expect(Math.abs(mean("minilm-squad") - 164.91)).toBeLessThan(5);
});
