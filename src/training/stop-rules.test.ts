/** Patience as transformers counts it, and the steps at which a run is evaluated. */
import { describe, expect, it } from "vitest";
import { isEvaluated, Patience } from "./stop-rules.ts";

/** How many evaluations there are before the run ends; all where it does not. */
function evaluations(values: readonly number[], patience: number, threshold = 0): number {
  const rule = new Patience({ patience, threshold });
  const end = values.findIndex((value) => rule.isOver(value));
  return end < 0 ? values.length : end + 1;
}

describe("Patience", () => {
  it.each<[string, number[], number, number, number]>([
    ["ends at the first that is no better", [0.5, 0.5, 0.9], 1, 0, 2],
    ["waits for as many as it is told", [0.5, 0.4, 0.4, 0.9], 2, 0, 3],
    ["counts anew after an improvement", [0.5, 0.4, 0.6, 0.5, 0.7], 2, 0, 5],
    ["takes a small gain for none", [0.5, 0.505, 0.9], 1, 0.01, 2],
    ["measures the gain from the best, small ones included", [0.5, 0.508, 0.516, 0.524], 2, 0.01, 3],
    ["takes a gain above the threshold", [0.5, 0.52, 0.54], 1, 0.01, 3],
    ["does not take NaN for a gain", [Number.NaN, Number.NaN, 0.5], 2, 0, 2],
    ["goes on after NaN", [Number.NaN, 0.5, 0.6], 2, 0, 3],
    ["knows values below 0", [-3, -2, -1, -1], 1, 0, 4],
  ])("%s", (_, values, patience, threshold, expected) => {
    expect(evaluations(values, patience, threshold)).toBe(expected);
  });
});

describe("isEvaluated", () => {
  const steps = (rule: { totalSteps: number; evalSteps?: number }) =>
    Array.from({ length: rule.totalSteps }, (_, i) => i + 1).filter((done) =>
      isEvaluated(done, { perEpoch: 4, ...rule }),
    );

  it("is after each epoch, or every so many steps, and at the end", () => {
    expect(steps({ totalSteps: 10 })).toEqual([4, 8, 10]);
    expect(steps({ totalSteps: 10, evalSteps: 3 })).toEqual([3, 6, 9, 10]);
    expect(steps({ totalSteps: 10, evalSteps: 50 })).toEqual([10]);
  });
});
