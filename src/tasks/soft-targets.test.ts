/** The loss of smoothed and weighted targets against torch's `CrossEntropyLoss` and transformers' `LabelSmoother`. */
import { describe, expect, it } from "vitest";
import { Features } from "./features.ts";
import { balancedWeights, softTargets, type TargetOptions } from "./soft-targets.ts";
import { textClassification } from "./text-classification.ts";
import { tokenClassification } from "./token-classification/task.ts";

const LOGITS = [
  [0.5, -1, 2],
  [1.5, 0.25, -0.75],
  [-0.5, 0, 0.125],
  [2, 1, -1],
];
const LABELS = [2, 0, 1, 1];
const WEIGHTS = [0.5, 2, 1.25];

/** The mean loss as training has it: the sum over the rows by the sum of their weights. */
function loss(options: TargetOptions): number {
  const { write, weight } = softTargets(options);
  let [sum, count] = [0, 0];
  LABELS.forEach((label, row) => {
    const target = new Float32Array(3);
    write(label, target);
    const top = Math.log(LOGITS[row].reduce((all, x) => all + Math.exp(x), 0));
    sum -= LOGITS[row].reduce((all, x, i) => all + target[i] * (x - top), 0);
    count += weight(label);
  });
  return sum / count;
}

describe("softTargets", () => {
  // torch 2.15, transformers 5.24, float32: seven digits.
  it.each<[string, TargetOptions, number]>([
    ["one-hot targets", {}, 0.7322092652],
    ["weights", { classWeights: WEIGHTS }, 0.900988102],
    ["smoothing of 0.1", { labelSmoothing: 0.1 }, 0.8103342056],
  ])("have torch's loss with %s", (_, options, expected) => {
    expect(Math.abs(loss(options) - expected)).toBeLessThan(2e-7);
  });

  it("add up to the row's weight", () => {
    const target = new Float32Array(3);
    softTargets({ labelSmoothing: 0.3, classWeights: WEIGHTS }).write(1, target);
    expect(target.reduce((a, b) => a + b)).toBeCloseTo(2, 6);
    expect(target[0]).toBeCloseTo(0.2, 6);
  });
});

describe("balancedWeights", () => {
  it("give each class the same sum, and the rows one on average", () => {
    const counts = [8, 1, 3];
    const weights = balancedWeights(counts);
    const sums = weights.map((weight, i) => weight * counts[i]);
    for (const sum of sums) expect(sum).toBeCloseTo(4, 12);
  });

  it("leave out a class without rows", () => {
    expect(balancedWeights([2, 0, 6])).toEqual([2, 0, 8 / 12]);
  });
});

describe("the tasks", () => {
  const targets = { labelSmoothing: 0.5, classWeights: [1, 4] };

  it("take them for texts", () => {
    const features = new Features(10);
    for (let row = 0; row < 3; row++) features.add([1, 2], 2);
    features.setLabels({ width: 1, values: Float32Array.of(0, 1, 1) });
    const task = textClassification(
      { problemType: "single_label_classification", labels: ["a", "b"] },
      targets,
    );
    const written = new Float32Array(4).fill(9);
    task.writeTargets(features, [0, 2], { targets: written });
    expect([...written]).toEqual([0.75, 0.25, 1, 3]);
    expect(task.lossCount(features, [0, 1, 2])).toBe(9);
    // What always the same answer scores is told by the labels themselves.
    expect([...task.trivialAnswer({ features })(2)].map((share) => share.toFixed(2))).toEqual([
      "0.33",
      "0.67",
    ]);
  });

  it("take them for words, and leave pieces alone that carry no tag", () => {
    const features = new Features(10);
    features.add([1, 2, 3], 3);
    features.setLabels({ width: "tokens", values: Float32Array.of(-1, 0, 1) });
    const task = tokenClassification({ labels: ["O", "X"], scheme: "none" }, targets);
    const written = new Float32Array(6).fill(9);
    task.writeTargets(features, [0], { targets: written });
    expect([...written]).toEqual([0, 0, 0.75, 0.25, 1, 3]);
    expect(task.lossCount(features, [0])).toBe(5);
  });
});
