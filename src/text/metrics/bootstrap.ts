/**
 * Percentile intervals by the bootstrap (Efron 1979; Efron and Tibshirani 1993, chapter 13): rows are drawn with
 * replacement, as many as there are, the statistics are taken again, and of their values the middle ones are kept.
 * Statistics that are asked for together see the same resamples, so that the difference of two metrics of the same
 * rows is paired by row. scipy's `bootstrap(method="percentile")` is the same but for its random numbers.
 */
import { extendHash, hash32, PURPOSE } from "../../util/random.ts";

export interface Interval {
  low: number;
  high: number;
}

export interface BootstrapOptions {
  rows: number;
  /** Default 1,000. */
  resamples?: number;
  /** Default 42. */
  seed?: number;
  /** Share of the values inside; default 0.95. */
  level?: number;
}

export const BOOTSTRAP_DEFAULTS = { resamples: 1000, seed: 42, level: 0.95 } as const;

/** An interval of each statistic, by its name; `statistics` are those of rows that count `weights[i]` times each. */
export function bootstrapIntervals(
  statistics: (weights: Uint32Array) => Record<string, number>,
  options: BootstrapOptions,
): Record<string, Interval> {
  const { rows, resamples, seed, level } = { ...BOOTSTRAP_DEFAULTS, ...options };
  const values = new Map<string, Float64Array>();
  const weights = new Uint32Array(rows);
  for (let i = 0; i < resamples; i++) {
    draw(weights, seed, i);
    for (const [name, value] of Object.entries(statistics(weights))) {
      const column = values.get(name) ?? new Float64Array(resamples);
      values.set(name, column);
      column[i] = value;
    }
  }
  return Object.fromEntries([...values].map(([name, column]) => [name, percentileInterval(column, level)]));
}

/** How often each row is drawn. */
function draw(weights: Uint32Array, seed: number, resample: number): void {
  weights.fill(0);
  const stream = hash32(seed, PURPOSE.bootstrap, resample);
  for (let i = 0; i < weights.length; i++) {
    weights[Math.floor((extendHash(stream, i) / 2 ** 32) * weights.length)]++;
  }
}

/** The middle `level` of the values, which are sorted in place; between two values on a straight line, as numpy does. */
export function percentileInterval(values: Float64Array, level: number): Interval {
  values.sort();
  const tail = (1 - level) / 2;
  return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
}

function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
