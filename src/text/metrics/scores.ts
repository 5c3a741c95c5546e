/** Precision, recall and F1 from counts, of one class and averaged over classes, as scikit-learn defines them. */
import { ratio } from "./metric.ts";

/** How often one class was found, predicted and right. */
export interface Counts {
  /** Predicted and right. */
  truePositives: number;
  /** Predicted, right or wrong. */
  predicted: number;
  /** In the references. */
  support: number;
}

/** Each between 0 and 1; 0 where it is undefined. */
export interface Scores {
  precision: number;
  recall: number;
  f1: number;
}

/** The scores of one class. F1 is 2 tp / (2 tp + fp + fn), defined also where one of precision and recall is not. */
export function scores({ truePositives, predicted, support }: Counts): Scores {
  return {
    precision: ratio(truePositives, predicted),
    recall: ratio(truePositives, support),
    f1: ratio(2 * truePositives, predicted + support),
  };
}

/** The scores of all classes' counts taken together. */
export function microAverage(classes: readonly Counts[]): Scores {
  const total: Counts = { truePositives: 0, predicted: 0, support: 0 };
  for (const { truePositives, predicted, support } of classes) {
    total.truePositives += truePositives;
    total.predicted += predicted;
    total.support += support;
  }
  return scores(total);
}

/** The mean over all classes, each with the same weight; a class that never occurs counts as 0. */
export function macroAverage(classes: readonly Counts[]): Scores {
  return weightedMean(classes, () => 1);
}

/** The mean over all classes, each weighted by how often it is in the references. */
export function weightedAverage(classes: readonly Counts[]): Scores {
  return weightedMean(classes, ({ support }) => support);
}

function weightedMean(classes: readonly Counts[], weightOf: (counts: Counts) => number): Scores {
  const sum: Scores = { precision: 0, recall: 0, f1: 0 };
  let weights = 0;
  for (const counts of classes) {
    const weight = weightOf(counts);
    const { precision, recall, f1 } = scores(counts);
    sum.precision += weight * precision;
    sum.recall += weight * recall;
    sum.f1 += weight * f1;
    weights += weight;
  }
  return {
    precision: ratio(sum.precision, weights),
    recall: ratio(sum.recall, weights),
    f1: ratio(sum.f1, weights),
  };
}
