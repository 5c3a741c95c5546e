/** Metrics of regression: Pearson and Spearman correlation, mean squared and mean absolute error. */
import type { Metric } from "./metric.ts";

export interface RegressionMetric extends Metric<number, number> {
  /** Copies of all values so far, in order. */
  values(): { predictions: Float64Array; references: Float64Array };
}

/**
 * `pearson` and `spearmanr` (between -1 and 1, 0 where prediction or reference is constant), `mse` and `mae`.
 *
 * Spearman needs the rank of each value among all, so every pair is kept: 16 bytes each. Pearson makes use of that:
 * two passes around the mean lose no digits to cancellation, as sums of squares would, whatever the values' size.
 */
export function regression(): RegressionMetric {
  const predictions = column();
  const references = column();

  return {
    update(prediction, reference) {
      if (!Number.isFinite(prediction) || !Number.isFinite(reference)) {
        throw new RangeError(`regression: expected finite numbers, got ${prediction} for ${reference}`);
      }
      predictions.push(prediction);
      references.push(reference);
    },
    merge(other) {
      const added = other.values();
      added.predictions.forEach(predictions.push);
      added.references.forEach(references.push);
    },
    values: () => ({ predictions: predictions.view().slice(), references: references.view().slice() }),
    compute() {
      const x = predictions.view();
      const y = references.view();
      return {
        pearson: pearson(x, y),
        spearmanr: pearson(ranks(x), ranks(y)),
        mse: meanOf(x, y, (difference) => difference * difference),
        mae: meanOf(x, y, Math.abs),
      };
    },
  };
}

/** Numbers that are appended one by one to a typed array, which doubles when it is full. */
function column(): { push(value: number): void; view(): Float64Array } {
  let values = new Float64Array(64);
  let length = 0;
  return {
    push(value) {
      if (length === values.length) {
        const larger = new Float64Array(2 * length);
        larger.set(values);
        values = larger;
      }
      values[length++] = value;
    },
    view: () => values.subarray(0, length),
  };
}

function meanOf(x: Float64Array, y: Float64Array, error: (difference: number) => number): number {
  if (x.length === 0) return 0;
  let total = 0;
  for (let i = 0; i < x.length; i++) total += error(x[i] - y[i]);
  return total / x.length;
}

/** The cosine of the two vectors of differences from the mean, kept within -1 and 1 against rounding. */
function pearson(x: Float64Array, y: Float64Array): number {
  const a = standardized(x);
  const b = standardized(y);
  if (a === undefined || b === undefined) return 0;
  let r = 0;
  for (let i = 0; i < a.length; i++) r += a[i] * b[i];
  return Math.min(1, Math.max(-1, r));
}

/** Differences from the mean, scaled to a vector of length 1; undefined where all values are the same. */
function standardized(values: Float64Array): Float64Array | undefined {
  // Asked of the values themselves: the mean of equal values may be off in its last digit.
  if (values.every((value) => value === values[0])) return undefined;
  const mean = values.reduce((total, value) => total + value / values.length, 0);
  const centred = values.map((value) => value - mean);
  // The largest becomes 1 first, so that squares of very small and very large values neither vanish nor overflow.
  const largest = centred.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const norm = Math.sqrt(centred.reduce((total, value) => total + (value / largest) ** 2, 0));
  return centred.map((value) => value / largest / norm);
}

/** The rank of each value from 1; equal values share the mean of their ranks. */
function ranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const result = new Float64Array(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    // The ranks start + 1 to end have this mean.
    for (let k = start; k < end; k++) result[order[k]] = (start + 1 + end) / 2;
  }
  return result;
}
