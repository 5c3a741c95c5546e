/** How long the rows of a file are: counts by length, and quantiles of them. */

/** Of each row one length, in tokens or words. */
export interface LengthReport {
  mean: number;
  median: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
  /** Rows that are longer than `limit`; absent without a limit. */
  exceeding?: { limit: number; rows: number };
}

export class Lengths {
  /** Length to rows. */
  readonly #rows = new Map<number, number>();
  #total = 0;

  add(length: number): void {
    this.#rows.set(length, (this.#rows.get(length) ?? 0) + 1);
    this.#total++;
  }

  /** Undefined where there are no rows. `limit` 0: none. */
  report(limit = 0): LengthReport | undefined {
    if (this.#total === 0) return undefined;
    const sorted = [...this.#rows].sort(([a], [b]) => a - b);
    const sum = (pick: (length: number, rows: number) => number) =>
      sorted.reduce((total, [length, rows]) => total + pick(length, rows), 0);
    const quantile = (share: number) => valueAt(sorted, share * this.#total);
    return {
      mean: sum((length, rows) => length * rows) / this.#total,
      median: quantile(0.5),
      p90: quantile(0.9),
      p95: quantile(0.95),
      p99: quantile(0.99),
      max: sorted[sorted.length - 1][0],
      ...(limit > 0
        ? { exceeding: { limit, rows: sum((length, rows) => (length > limit ? rows : 0)) } }
        : {}),
    };
  }
}

/** By nearest rank: the least value that at least `rank` rows do not exceed. */
function valueAt(sorted: readonly [value: number, rows: number][], rank: number): number {
  let below = 0;
  for (const [value, rows] of sorted) {
    below += rows;
    if (below >= rank) return value;
  }
  return sorted[sorted.length - 1][0];
}
