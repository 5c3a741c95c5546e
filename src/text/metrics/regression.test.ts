import { describe, expect, it } from "vitest";
import { regression } from "./regression.ts";

function fed(predictions: number[], references: number[]) {
  const metric = regression();
  predictions.forEach((prediction, i) => {
    metric.update(prediction, references[i]);
  });
  return metric;
}

const ramp = Array.from({ length: 1000 }, (_, i) => i);

describe("errors", () => {
  it("are the mean square and the mean absolute difference", () => {
    expect(fed([1, 2, 5], [1, 4, 1]).compute()).toMatchObject({
      mse: (0 + 4 + 16) / 3,
      mae: (0 + 2 + 4) / 3,
    });
  });
});

describe("pearson", () => {
  it("is 1 for a rising and -1 for a falling line, and never beyond", () => {
    expect(
      fed(
        ramp.map((x) => 0.1 * x + 7),
        ramp,
      ).compute().pearson,
    ).toBeCloseTo(1, 12);
    expect(
      fed(
        ramp.map((x) => 3 - x / 3),
        ramp,
      ).compute().pearson,
    ).toBeCloseTo(-1, 12);
    for (let n = 2; n < 200; n++) {
      const line = ramp.slice(0, n).map((x) => Math.sqrt(x));
      expect(fed(line, line).compute().pearson).toBeLessThanOrEqual(1);
    }
  });

  it("keeps its digits far from zero, where sums of squares lose all of them", () => {
    const x = [1, 2, 3, 4];
    const y = [2, 1, 4, 3];
    const near = fed(x, y).compute().pearson;
    expect(near).toBeCloseTo(0.6, 14);
    expect(
      fed(
        x.map((v) => v + 1e9),
        y.map((v) => v - 1e9),
      ).compute().pearson,
    ).toBeCloseTo(near, 12);
  });

  it.each([1e-200, 1e150])("does not depend on a scale of %d", (scale) => {
    expect(
      fed(
        [1, 2, 3, 4].map((v) => v * scale),
        [2, 1, 4, 3],
      ).compute().pearson,
    ).toBeCloseTo(0.6, 12);
  });
});

describe("spearmanr", () => {
  it("is 1 for any rising curve", () => {
    expect(
      fed(
        ramp.map((x) => Math.exp(x / 100)),
        ramp,
      ).compute().spearmanr,
    ).toBeCloseTo(1, 12);
  });

  it("gives ties the mean of their ranks", () => {
    // scipy's spearmanr of these two.
    expect(fed([1, 1, 2, 3, 3], [5, 4, 4, 6, 7]).compute().spearmanr).toBeCloseTo(0.7299963950884315, 12);
  });
});

describe("values that are not defined", () => {
  it("are 0 for no pair, one pair and a constant", () => {
    expect(regression().compute()).toEqual({ pearson: 0, spearmanr: 0, mse: 0, mae: 0 });
    expect(fed([2], [5]).compute()).toEqual({ pearson: 0, spearmanr: 0, mse: 9, mae: 3 });
    expect(fed([0.1, 0.1, 0.1], [1, 2, 3]).compute()).toMatchObject({ pearson: 0, spearmanr: 0 });
    expect(fed([1, 2, 3], [0.1, 0.1, 0.1]).compute()).toMatchObject({ pearson: 0, spearmanr: 0 });
  });
});

describe("merge", () => {
  it("equals one metric that saw all pairs, also past the first memory", () => {
    const noisy = ramp.map((x) => x + ((x * 7919) % 101));
    const a = fed(noisy.slice(0, 300), ramp.slice(0, 300));
    const b = fed(noisy.slice(300), ramp.slice(300));
    const before = b.compute();
    a.merge(b);
    expect(a.compute()).toEqual(fed(noisy, ramp).compute());
    expect(b.compute()).toEqual(before);
  });

  it("with an empty one changes nothing", () => {
    const a = fed([1, 2], [2, 1]);
    a.merge(regression());
    expect(a.values()).toEqual({ predictions: Float64Array.of(1, 2), references: Float64Array.of(2, 1) });
  });
});

describe("bad input", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])("%d is refused and not counted", (value) => {
    const metric = fed([1], [2]);
    expect(() => metric.update(value, 1)).toThrow("regression: expected finite numbers");
    expect(() => metric.update(1, value)).toThrow("regression: expected finite numbers");
    expect(metric.compute().mse).toBe(1);
  });
});
