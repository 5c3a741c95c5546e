/** Which of two values of a metric is better. */

/** Distances and shares of mistakes. */
const LOWER_IS_BETTER: ReadonlySet<string> = new Set(["mse", "mae", "hamming_loss"]);

export function isGreaterBetter(metric: string): boolean {
  return !LOWER_IS_BETTER.has(metric);
}
