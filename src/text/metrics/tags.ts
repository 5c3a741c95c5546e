/** Scores of tags word by word: part-of-speech tagging, and the confusion of any tags. */
import type { Metric } from "./metric.ts";
import type { NamedScores } from "./named-counts.ts";
import { countsOf, namedScores } from "./named-counts.ts";
import type { Counts } from "./scores.ts";
import { macroAverage, microAverage, weightedAverage } from "./scores.ts";

/** `[tags][tags]` counts: row = reference, column = prediction. */
export interface TagConfusion {
  tags: string[];
  counts: number[][];
}

export interface TagsMetric extends Metric<readonly string[], readonly string[]> {
  /** Over `labels` in their order, then over all other tags that turned up, sorted. */
  confusion(): TagConfusion;
  /** Scores of each tag that was predicted or is in the references, sorted by its name. */
  perTag(): NamedScores[];
}

/**
 * `accuracy` over words; `macro_precision`, `macro_recall`, `macro_f1` and `weighted_f1` over the tags that were
 * predicted or are in the references, as scikit-learn averages. Prediction and reference are a sentence's tags, one a
 * word. `labels` are the tags that the model knows; a reference may hold others, which are errors of the model.
 */
export function tags({ labels }: { labels: readonly string[] }): TagsMetric {
  // By reference, then by prediction: how many words.
  const pairs = new Map<string, Map<string, number>>();
  const add = (reference: string, prediction: string, count: number) => {
    const row = pairs.get(reference) ?? new Map<string, number>();
    pairs.set(reference, row.set(prediction, (row.get(prediction) ?? 0) + count));
  };

  return {
    update(prediction, reference) {
      if (prediction.length !== reference.length) {
        throw new RangeError(
          `tags: expected ${reference.length} tags, one a word of the reference, got ${prediction.length}`,
        );
      }
      reference.forEach((tag, i) => {
        add(tag, prediction[i], 1);
      });
    },
    merge(other) {
      const { tags: names, counts } = other.confusion();
      counts.forEach((row, i) => {
        row.forEach((count, j) => {
          if (count > 0) add(names[i], names[j], count);
        });
      });
    },
    confusion() {
      const names = namesOf(labels, pairs);
      return { tags: names, counts: names.map((i) => names.map((j) => pairs.get(i)?.get(j) ?? 0)) };
    },
    perTag: () => namedScores(countTags(pairs)),
    compute: () => tagMetrics([...countTags(pairs).values()]),
  };
}

/** The values of `compute` for the counts of tags. One that was neither predicted nor is a reference takes no part. */
export function tagMetrics(tags: readonly Counts[]): Record<string, number> {
  const counts = tags.filter(({ predicted, support }) => predicted + support > 0);
  const macro = macroAverage(counts);
  return {
    // A word has one tag, so that precision, recall and F1 over all of them are the share that is right.
    accuracy: microAverage(counts).f1,
    macro_precision: macro.precision,
    macro_recall: macro.recall,
    macro_f1: macro.f1,
    weighted_f1: weightedAverage(counts).f1,
  };
}

function namesOf(
  labels: readonly string[],
  pairs: ReadonlyMap<string, ReadonlyMap<string, number>>,
): string[] {
  const seen = [...pairs].flatMap(([reference, row]) => [reference, ...row.keys()]).sort();
  return [...new Set([...labels, ...seen])];
}

function countTags(pairs: ReadonlyMap<string, ReadonlyMap<string, number>>): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const [reference, row] of pairs) {
    for (const [prediction, count] of row) {
      countsOf(counts, reference).support += count;
      countsOf(counts, prediction).predicted += count;
      if (prediction === reference) countsOf(counts, reference).truePositives += count;
    }
  }
  return counts;
}
