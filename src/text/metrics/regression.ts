/** Metrics of regression: Pearson and Spearman correlation, mean squared and mean absolute error. */
import type { Metric } from "./metric.ts";
import { ratio } from "./metric.ts";

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
    compute: () => new Pairs(predictions.view(), references.view()).metrics(),
  };
}

/** Pairs of numbers whose metrics are asked for with other weights again and again. */
export class Pairs {
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #xOrder: ValueOrder;
  readonly #yOrder: ValueOrder;

  constructor(predictions: Float64Array, references: Float64Array) {
    this.#x = predictions;
    this.#y = references;
    this.#xOrder = orderOf(predictions);
    this.#yOrder = orderOf(references);
  }

  /** The values of `compute`; `weights`: how often each pair counts, default once. */
  metrics(weights: ArrayLike<number> = new Uint8Array(this.#x.length).fill(1)): Record<string, number> {
    const [x, y] = [this.#x, this.#y];
    return {
      pearson: pearson(x, y, weights),
      spearmanr: pearson(ranks(this.#xOrder, weights), ranks(this.#yOrder, weights), weights),
      mse: meanOf(x, y, weights, (difference) => difference * difference),
      mae: meanOf(x, y, weights, Math.abs),
    };
  }
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

function meanOf(
  x: Float64Array,
  y: Float64Array,
  weights: ArrayLike<number>,
  error: (difference: number) => number,
): number {
  let total = 0;
  let count = 0;
  for (let i = 0; i < x.length; i++) {
    total += weights[i] * error(x[i] - y[i]);
    count += weights[i];
  }
  return ratio(total, count);
}

/** The cosine of the two vectors of differences from the mean, kept within -1 and 1 against rounding. */
function pearson(x: Float64Array, y: Float64Array, weights: ArrayLike<number>): number {
  const a = standardized(x, weights);
  const b = standardized(y, weights);
  if (a === undefined || b === undefined) return 0;
  let r = 0;
  for (let i = 0; i < a.length; i++) r += weights[i] * a[i] * b[i];
  return Math.min(1, Math.max(-1, r));
}

/** Differences from the mean, scaled to a vector of length 1; undefined where all values that count are the same. */
function standardized(values: Float64Array, weights: ArrayLike<number>): Float64Array | undefined {
  // Asked of the values themselves: the mean of equal values may be off in its last digit.
  if (isConstant(values, weights)) return undefined;
  const n = values.length;
  let count = 0;
  for (let i = 0; i < n; i++) count += weights[i];
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (weights[i] * values[i]) / count;
  // The largest becomes 1 first, so that squares of very small and very large values neither vanish nor overflow.
  let largest = 0;
  for (let i = 0; i < n; i++) {
    if (weights[i] > 0) largest = Math.max(largest, Math.abs(values[i] - mean));
  }
  let squares = 0;
  const result = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    result[i] = (values[i] - mean) / largest;
    squares += weights[i] * result[i] * result[i];
  }
  const norm = Math.sqrt(squares);
  for (let i = 0; i < n; i++) result[i] /= norm;
  return result;
}

function isConstant(values: Float64Array, weights: ArrayLike<number>): boolean {
  let first: number | undefined;
  for (let i = 0; i < values.length; i++) {
    if (weights[i] === 0) continue;
    first ??= values[i];
    if (values[i] !== first) return false;
  }
  return true;
}

/** Where each value stands among the distinct ones, the smallest first, and how many those are. */
interface ValueOrder {
  readonly places: Uint32Array;
  readonly distinct: number;
}

function orderOf(values: Float64Array): ValueOrder {
  const order = Uint32Array.from(values.keys()).sort((i, j) => values[i] - values[j]);
  const places = new Uint32Array(values.length);
  let distinct = 0;
  order.forEach((row, i) => {
    if (i === 0 || values[row] !== values[order[i - 1]]) distinct++;
    places[row] = distinct - 1;
  });
  return { places, distinct };
}

/** The rank of each value from 1; equal values share the mean of their ranks. */
function ranks({ places, distinct }: ValueOrder, weights: ArrayLike<number>): Float64Array {
  const counts = new Float64Array(distinct);
  for (let i = 0; i < places.length; i++) counts[places[i]] += weights[i];
  let before = 0;
  for (let place = 0; place < distinct; place++) {
    const count = counts[place];
    // The ranks before + 1 to before + count have this mean.
    counts[place] = before + (count + 1) / 2;
    before += count;
  }
  const result = new Float64Array(places.length);
  for (let i = 0; i < places.length; i++) result[i] = counts[places[i]];
  return result;
}
