/** How long the rows of a file are: counts by length, and quantiles of them. */

/** Of each row one length, in tokens or words. */
export interface LengthReport {
  mean: number;
  median: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
  /** Rows by length, in ranges of equal width from 0 on. */
  bins: LengthBin[];
  /** Rows that are longer than `limit`; absent without a limit. */
  exceeding?: { limit: number; rows: number };
}

/** Rows whose length is one of `from` to `to`. */
export interface LengthBin {
  from: number;
  to: number;
  rows: number;
}

/** Ranges that a report has at most. */
const MOST_BINS = 40;

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
      bins: binned(sorted),
      ...(limit > 0
        ? { exceeding: { limit, rows: sum((length, rows) => (length > limit ? rows : 0)) } }
        : {}),
    };
  }
}

function binned(sorted: readonly [length: number, rows: number][]): LengthBin[] {
  const longest = sorted[sorted.length - 1][0];
  const width = Math.ceil((longest + 1) / MOST_BINS);
  const bins = Array.from({ length: Math.floor(longest / width) + 1 }, (_, i): LengthBin => {
    return { from: i * width, to: (i + 1) * width - 1, rows: 0 };
  });
  for (const [length, rows] of sorted) bins[Math.floor(length / width)].rows += rows;
  return bins;
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
