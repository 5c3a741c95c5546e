/** Metrics of single-label classification. All of them are functions of the confusion matrix, the only state. */
import type { Metric } from "./metric.ts";
import { ratio } from "./metric.ts";
import type { Counts, Scores } from "./scores.ts";
import { macroAverage, microAverage, scores, weightedAverage } from "./scores.ts";

export interface ClassificationMetric extends Metric<number, number> {
  /** `[labels][labels]` counts: row = reference, column = prediction. */
  confusion(): number[][];
  /** Scores of each class, and `support`: how often it is in the references. */
  perClass(): (Scores & { support: number })[];
  /** The three averages over all classes, also over those that never occur (as with scikit-learn's `labels=`). */
  averages(): { macro: Scores; micro: Scores; weighted: Scores };
}

/**
 * Accuracy, precision, recall, F1, Matthews correlation and Cohen's kappa of class ids from 0 to `labels - 1`.
 * `precision`, `recall` and `f1` are those of class `positive` (default 1) where there are two labels, as GLUE scores
 * MRPC and QQP, and the macro average otherwise; `macro_f1`, `micro_f1` and `weighted_f1` are always there.
 */
export function classification(options: { labels: number; positive?: number }): ClassificationMetric {
  const { labels, positive = 1 } = options;
  if (!Number.isInteger(labels) || labels < 1) throw new RangeError(`classification: ${labels} labels`);
  checkClass(positive, Math.max(labels, 2));
  const confusion = Array.from({ length: labels }, () => new Array<number>(labels).fill(0));
  return {
    update(prediction, reference) {
      checkClass(prediction, labels);
      checkClass(reference, labels);
      confusion[reference][prediction]++;
    },
    merge: (other) => addMatrix(confusion, other.confusion()),
    confusion: () => confusion.map((row) => [...row]),
    perClass: () => perClass(classCounts(confusion)),
    averages: () => averages(classCounts(confusion)),
    compute: () => confusionMetrics(confusion, positive),
  };
}

/** The values of `compute` for counts `[labels][labels]`: row = reference, column = prediction. */
export function confusionMetrics(confusion: readonly number[][], positive: number): Record<string, number> {
  const counts = classCounts(confusion);
  const { macro, micro, weighted } = averages(counts);
  const { precision, recall, f1 } = confusion.length === 2 ? scores(counts[positive]) : macro;
  return {
    accuracy: accuracy(confusion),
    f1,
    precision,
    recall,
    matthews_correlation: matthews(confusion),
    cohen_kappa: cohenKappa(confusion),
    macro_f1: macro.f1,
    micro_f1: micro.f1,
    weighted_f1: weighted.f1,
  };
}

function perClass(counts: readonly Counts[]): (Scores & { support: number })[] {
  return counts.map((one) => ({ ...scores(one), support: one.support }));
}

function averages(counts: readonly Counts[]): { macro: Scores; micro: Scores; weighted: Scores } {
  return { macro: macroAverage(counts), micro: microAverage(counts), weighted: weightedAverage(counts) };
}

function checkClass(id: number, labels: number): void {
  if (!Number.isInteger(id) || id < 0 || id >= labels) {
    throw new RangeError(`classification: expected a class from 0 to ${labels - 1}, got ${id}`);
  }
}

function addMatrix(target: number[][], added: number[][]): void {
  if (added.length !== target.length) {
    throw new RangeError(`classification: cannot merge ${added.length} labels into ${target.length}`);
  }
  added.forEach((row, i) => {
    row.forEach((count, j) => {
      target[i][j] += count;
    });
  });
}

function classCounts(confusion: readonly number[][]): Counts[] {
  const predicted = columnSums(confusion);
  return confusion.map((row, i) => ({ truePositives: row[i], predicted: predicted[i], support: sum(row) }));
}

function accuracy(confusion: readonly number[][]): number {
  return ratio(trace(confusion), sum(confusion.map(sum)));
}

/**
 * Matthews correlation for any number of classes (Gorodkin 2004): the covariance of prediction and reference as
 * one-hot vectors over the root of the product of their variances. 0 where one of the two is constant.
 */
function matthews(confusion: readonly number[][]): number {
  const references = confusion.map(sum);
  const predictions = columnSums(confusion);
  const n = sum(references);
  const covariance = n * trace(confusion) - dot(references, predictions);
  const ofPredictions = n * n - dot(predictions, predictions);
  const ofReferences = n * n - dot(references, references);
  return ratio(covariance, Math.sqrt(ofPredictions * ofReferences));
}

/** Cohen's kappa (1960): accuracy above what the two marginal distributions agree on by chance. */
function cohenKappa(confusion: readonly number[][]): number {
  const references = confusion.map(sum);
  const n = sum(references);
  const byChance = dot(references, columnSums(confusion));
  return ratio(n * trace(confusion) - byChance, n * n - byChance);
}

function columnSums(matrix: readonly number[][]): number[] {
  return matrix.map((_, j) => sum(matrix.map((row) => row[j])));
}

function trace(matrix: readonly number[][]): number {
  return sum(matrix.map((row, i) => row[i]));
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function dot(a: number[], b: number[]): number {
  return a.reduce((total, value, i) => total + value * b[i], 0);
}
