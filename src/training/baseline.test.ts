/** What an answer that ignores the text scores. */
import { describe, expect, it } from "vitest";
import { labelled } from "../../test/helpers/labelled.ts";
import { type TextClassificationOptions, textClassification } from "../tasks/text-classification.ts";
import { trivialMetrics } from "./baseline.ts";

const score = (options: TextClassificationOptions, train: number[][], validation: number[][]) =>
  trivialMetrics(textClassification(options), labelled(...train), labelled(...validation));

describe("trivialMetrics", () => {
  it("answers the class that is commonest in training, not in validation", () => {
    const options: TextClassificationOptions = {
      problemType: "single_label_classification",
      labels: ["a", "b", "c"],
    };
    const metrics = score(options, [[2], [2], [0], [1]], [[0], [0], [0], [2]]);
    expect(metrics.accuracy).toBe(0.25);
    expect(metrics.matthews_correlation).toBe(0);
  });

  it("answers each of several labels by itself", () => {
    const options: TextClassificationOptions = {
      problemType: "multi_label_classification",
      labels: ["rare", "common", "always", "never"],
    };
    const train = [
      [0, 1, 1, 0],
      [0, 1, 1, 0],
      [1, 0, 1, 0],
    ];
    // The answer is common and always: two of three right here, and one missed.
    const metrics = score(options, train, [[1, 1, 1, 0]]);
    expect(metrics.precision).toBe(1);
    expect(metrics.recall).toBeCloseTo(2 / 3, 12);
  });

  it("answers the mean score, which correlates with nothing", () => {
    const options: TextClassificationOptions = { problemType: "regression", labels: [] };
    const metrics = score(options, [[1], [2], [6]], [[3], [5]]);
    expect(metrics).toMatchObject({ mse: 2, mae: 1, pearson: 0, spearmanr: 0 });
  });
});
