/** Losses of single rows from logits that are there already, in double precision: what a graph's loss sums over a batch. */

export interface RowLoss {
  sum: number;
  /** Of how many positions the sum is; a row without any has no loss. */
  count: number;
}

/** -log softmax(logits)[target]; `allowed`: the positions [from, to) that the softmax goes over, default all. */
export function crossEntropyAt(
  logits: ArrayLike<number>,
  target: number,
  [from, to]: readonly [number, number] = [0, logits.length],
): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) top = Math.max(top, logits[i]);
  let sum = 0;
  for (let i = from; i < to; i++) sum += Math.exp(logits[i] - top);
  return top + Math.log(sum) - logits[target];
}

/** -log of the probability that a sigmoid gives to `target`, 0 or 1. */
export function binaryCrossEntropyAt(logit: number, target: number): number {
  return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
}

export function squaredErrorAt(value: number, target: number): number {
  return (value - target) ** 2;
}
