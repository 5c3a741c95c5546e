/** Losses and their gradients against their definitions in float64. */
import { describe, expect, it } from "vitest";
import { runGraph } from "../../test/helpers/run-graph.ts";
import { grad } from "../engine/autodiff/grad.ts";
import { Graph, type Tensor } from "../engine/graph/graph.ts";
import { binaryCrossEntropy, crossEntropy, squaredError } from "./losses.ts";

const SHAPE = [3, 4] as const;
const LOGITS = [0.3, -1.2, 2.5, 0, 7, 7, 7, 7, -30, 40, 0.1, -0.1];

/** The loss, and its gradient by the logits for a cotangent of 1/2. */
async function run(loss: (x: Tensor, t: Tensor) => Tensor, logits: number[], targets: number[]) {
  const graph = new Graph();
  const x = graph.input("x", "float32", SHAPE);
  const t = graph.input("t", "float32", SHAPE);
  const sum = loss(x, t);
  const [gradient] = grad(sum, [x], graph.float32(0.5));
  return runGraph(graph, { sum, gradient }, { x: logits, t: targets });
}

function softmaxRow(row: readonly number[]): number[] {
  const top = Math.max(...row);
  const exponentials = row.map((x) => Math.exp(x - top));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((x) => x / sum);
}

const rowsOf = (values: readonly number[]) => [0, 1, 2].map((row) => values.slice(4 * row, 4 * row + 4));
const logSumExp = (row: readonly number[]) => {
  const top = Math.max(...row);
  return top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
};

function expectClose(got: ArrayLike<number>, expected: readonly number[]) {
  expect(got).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(got[i] - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
  });
}

describe("cross-entropy", () => {
  it("is the sum over rows, also where a logit is far from the others", async () => {
    const targets = [0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0];
    const { sum, gradient } = await run(crossEntropy, LOGITS, targets);
    const rows = rowsOf(LOGITS);
    const [right, equal, wrong] = [logSumExp(rows[0]) - 2.5, Math.log(4), logSumExp(rows[2]) + 30];
    expectClose(sum, [right + equal + wrong]);
    expectClose(
      gradient,
      rows.flatMap(softmaxRow).map((p, i) => (p - targets[i]) / 2),
    );
  });

  it("takes a distribution, and ignores a row of zeros", async () => {
    const targets = [0.5, 0.25, 0.25, 0, 0, 0, 0, 0, 0, 1, 0, 0];
    const { sum, gradient } = await run(crossEntropy, LOGITS, targets);
    const [first, , third] = rowsOf(LOGITS);
    expectClose(sum, [
      logSumExp(first) - (0.5 * 0.3 + 0.25 * -1.2 + 0.25 * 2.5) + (logSumExp(third) - third[1]),
    ]);
    expect([...gradient.slice(4, 8)].map(Math.abs)).toEqual([0, 0, 0, 0]);
  });
});

it("squared error is the sum of squares", async () => {
  const targets = LOGITS.map((x, i) => x - 0.25 * i);
  const { sum, gradient } = await run(squaredError, LOGITS, targets);
  expectClose(sum, [LOGITS.reduce((total, _, i) => total + (0.25 * i) ** 2, 0)]);
  expectClose(
    gradient,
    LOGITS.map((_, i) => 0.25 * i),
  );
});

it("binary cross-entropy is the sum over rows and classes, finite for large logits", async () => {
  const logits = [0.3, -1.2, 2.5, 0, 100, -100, 100, -100, -30, 40, 0.1, -0.1];
  const targets = [1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0];
  const { sum, gradient } = await run(binaryCrossEntropy, logits, targets);
  const one = (x: number, t: number) => Math.max(x, 0) - t * x + Math.log1p(Math.exp(-Math.abs(x)));
  expectClose(sum, [logits.reduce((total, x, i) => total + one(x, targets[i]), 0)]);
  expectClose(
    gradient,
    logits.map((x, i) => (1 / (1 + Math.exp(-x)) - targets[i]) / 2),
  );
});
