/**
 * A streaming metric is a monoid: a new one is the empty element, `update` adds a pair, `merge` adds another's pairs,
 * `compute` reads the result at any time and changes nothing (the shape of torcheval's and clu's metrics).
 */
export interface Metric<P, R> {
  /** Adds one prediction and what it should have been. Throws `RangeError` for a value the metric has no place for. */
  update(prediction: P, reference: R): void;

  /** Adds everything that `other`, made with the same options, has seen; `other` stays as it is. */
  merge(other: this): void;

  /**
   * The values by the names that Hugging Face's evaluate uses. Every value is finite, so that the result is valid
   * JSON: where a value is undefined (nothing was counted, a correlation with a constant) it is 0.
   */
  compute(): Record<string, number>;
}

/** `part / whole`, and 0 where `whole` is 0: scikit-learn's `zero_division=0`. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
