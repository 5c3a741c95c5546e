/**
 * Losses as sums over the batch, so that a step of several micro-batches divides by the count of the whole step.
 * Letters: N supervised rows, C classes or outputs.
 */
import type { Tensor } from "../engine/graph/graph.ts";
import { mul, neg, softplus, sub } from "../engine/ops/elementwise.ts";
import { reduceSum } from "../engine/ops/reduce.ts";
import { logSoftmax } from "../engine/ops/softmax.ts";

/** - sum of t log softmax(x): `logits [N, C]`, `targets [N, C]` a distribution a row (a row of zeros is ignored). */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return neg(reduceSum(mul(targets, logSoftmax(logits))));
}

/** Sum of (x - t)^2: `[N, C]` each. */
export function squaredError(outputs: Tensor, targets: Tensor): Tensor {
  const difference = sub(outputs, targets);
  return reduceSum(mul(difference, difference));
}

/** Sum of -t log s - (1 - t) log(1 - s), s = sigmoid(x), as softplus(x) - t x: `[N, C]` each, targets 0 or 1. */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return reduceSum(sub(softplus(logits), mul(targets, logits)));
}
