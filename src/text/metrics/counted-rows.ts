/**
 * Rows whose metrics are functions of sums of counts, kept row by row: the same metrics can then be had with each row
 * counted any number of times, at the price of one pass over the counts.
 */
import { confusionMetrics } from "./classification.ts";
import { entityMetrics } from "./entities.ts";
import { type MultiLabelCounts, multiLabelMetrics } from "./multi-label.ts";
import type { Counts } from "./scores.ts";
import { tagMetrics } from "./tags.ts";

export class CountedRows {
  /** The counts of all rows: which, and how many; those of row i before `ends[i]`. */
  readonly #places: number[] = [];
  readonly #amounts: number[] = [];
  readonly #ends: number[] = [];
  #width = 0;
  readonly #metricsOf: (sums: Float64Array) => Record<string, number>;

  /** `metricsOf`: the metrics of sums, by the places that rows were added with. */
  constructor(metricsOf: (sums: Float64Array) => Record<string, number>) {
    this.#metricsOf = metricsOf;
  }

  /** Adds a row, whose counts at all other places are 0. */
  add(counts: Iterable<readonly [place: number, amount: number]>): void {
    for (const [place, amount] of counts) {
      this.#places.push(place);
      this.#amounts.push(amount);
      this.#width = Math.max(this.#width, place + 1);
    }
    this.#ends.push(this.#places.length);
  }

  get rows(): number {
    return this.#ends.length;
  }

  /** `weights`: how often each row counts, default once. */
  metrics(weights?: ArrayLike<number>): Record<string, number> {
    const sums = new Float64Array(this.#width);
    let at = 0;
    for (let row = 0; row < this.#ends.length; row++) {
      const weight = weights?.[row] ?? 1;
      for (; at < this.#ends[row]; at++) sums[this.#places[at]] += weight * this.#amounts[at];
    }
    return this.#metricsOf(sums);
  }
}

/** Rows of a class each, as `classification` takes them. */
export function classRows({ labels, positive = 1 }: { labels: number; positive?: number }) {
  const rows = new CountedRows((sums) => {
    const row = (reference: number) =>
      Array.from({ length: labels }, (_, prediction) => sums[reference * labels + prediction] ?? 0);
    const confusion = Array.from({ length: labels }, (_, reference) => row(reference));
    return confusionMetrics(confusion, positive);
  });
  const add = (prediction: number, reference: number) => rows.add([[reference * labels + prediction, 1]]);
  return { rows, add };
}

/** Places of the three counts of a label, type or tag. */
const COUNTS_WIDTH = 3;

function countsAt(sums: Float64Array, place: number): Counts {
  const [truePositives = 0, predicted = 0, support = 0] = sums.subarray(place, place + COUNTS_WIDTH);
  return { truePositives, predicted, support };
}

function placed({ truePositives, predicted, support }: Counts, place: number): [number, number][] {
  return [
    [place, truePositives],
    [place + 1, predicted],
    [place + 2, support],
  ];
}

/** Rows of a 0 or 1 for each label, as `multiLabel` takes them. */
export function labelSetRows({ labels }: { labels: number }) {
  const rows = new CountedRows((sums) => {
    const counts: MultiLabelCounts = {
      rows: sums[0] ?? 0,
      exactRows: sums[1] ?? 0,
      labels: Array.from({ length: labels }, (_, i) => countsAt(sums, 2 + COUNTS_WIDTH * i)),
    };
    return multiLabelMetrics(counts);
  });
  const add = (prediction: Uint8Array, reference: Uint8Array) => {
    const exact = prediction.every((bit, i) => bit === reference[i]) ? 1 : 0;
    const counts = Array.from(prediction, (bit, i) =>
      placed(
        { truePositives: bit & reference[i], predicted: bit, support: reference[i] },
        2 + COUNTS_WIDTH * i,
      ),
    );
    rows.add([[0, 1], [1, exact], ...counts.flat()]);
  };
  return { rows, add };
}

/** Sentences whose tags mark spans, by what `entities` counts in each of them. */
export function entityRows() {
  const types = new Names();
  const rows = new CountedRows((sums) =>
    entityMetrics({
      words: sums[0] ?? 0,
      rightWords: sums[1] ?? 0,
      types: new Map(types.list().map((type, i) => [type, countsAt(sums, 2 + COUNTS_WIDTH * i)])),
    }),
  );
  const add = (counts: { words: number; rightWords: number; types: ReadonlyMap<string, Counts> }) => {
    const ofTypes = [...counts.types].map(([type, own]) => placed(own, 2 + COUNTS_WIDTH * types.place(type)));
    rows.add([[0, counts.words], [1, counts.rightWords], ...ofTypes.flat()]);
  };
  return { rows, add };
}

/** Sentences of tags word by word, as `tags` takes them. */
export function tagRows() {
  const names = new Names();
  const rows = new CountedRows((sums) =>
    tagMetrics(names.list().map((_, i) => countsAt(sums, COUNTS_WIDTH * i))),
  );
  const add = (prediction: readonly string[], reference: readonly string[]) => {
    rows.add(
      reference.flatMap((tag, i): [number, number][] => [
        [COUNTS_WIDTH * names.place(tag), tag === prediction[i] ? 1 : 0],
        [COUNTS_WIDTH * names.place(prediction[i]) + 1, 1],
        [COUNTS_WIDTH * names.place(tag) + 2, 1],
      ]),
    );
  };
  return { rows, add };
}

/** Names by the order in which they turned up. */
class Names {
  readonly #places = new Map<string, number>();

  place(name: string): number {
    const found = this.#places.get(name) ?? this.#places.size;
    this.#places.set(name, found);
    return found;
  }

  list(): string[] {
    return [...this.#places.keys()];
  }
}
