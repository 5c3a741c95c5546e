/** Metrics of multi-label classification: each row has any number of labels, given as a 0 or 1 for each. */
import type { Metric } from "./metric.ts";
import { ratio } from "./metric.ts";
import type { Counts, Scores } from "./scores.ts";
import { macroAverage, microAverage, scores } from "./scores.ts";

export interface MultiLabelMetric extends Metric<Uint8Array, Uint8Array> {
  /** Scores of each label, and `support`: how often it is in the references. */
  perClass(): (Scores & { support: number })[];
  /** A copy of the counts behind all values. */
  counts(): MultiLabelCounts;
}

export interface MultiLabelCounts {
  rows: number;
  /** Rows whose labels are all right. */
  exactRows: number;
  /** Counts of each label. */
  labels: Counts[];
}

/**
 * `accuracy` is subset accuracy: the share of rows whose labels are all right. `f1`, `precision` and `recall` are
 * micro averages, over all decisions of all rows (`micro_f1` is the same as `f1`); `macro_f1` is the mean over labels;
 * `hamming_loss` is the share of decisions that are wrong. A row has one 0 or 1 for each of `labels` labels.
 */
export function multiLabel(options: { labels: number }): MultiLabelMetric {
  const { labels } = options;
  if (!Number.isInteger(labels) || labels < 1) throw new RangeError(`multiLabel: ${labels} labels`);
  const state: MultiLabelCounts = {
    rows: 0,
    exactRows: 0,
    labels: Array.from({ length: labels }, emptyCounts),
  };

  return {
    update(prediction, reference) {
      checkRow(prediction, labels);
      checkRow(reference, labels);
      state.rows++;
      state.exactRows += prediction.every((value, i) => value === reference[i]) ? 1 : 0;
      state.labels.forEach((counts, i) => {
        counts.truePositives += prediction[i] & reference[i];
        counts.predicted += prediction[i];
        counts.support += reference[i];
      });
    },
    merge: (other) => addCounts(state, other.counts()),
    counts: () => structuredClone(state),
    perClass: () => state.labels.map((counts) => ({ ...scores(counts), support: counts.support })),
    compute: () => multiLabelMetrics(state),
  };
}

/** The values of `compute` for these counts. */
export function multiLabelMetrics(counts: MultiLabelCounts): Record<string, number> {
  const { f1, precision, recall } = microAverage(counts.labels);
  return {
    accuracy: ratio(counts.exactRows, counts.rows),
    f1,
    precision,
    recall,
    micro_f1: f1,
    macro_f1: macroAverage(counts.labels).f1,
    hamming_loss: ratio(wrongDecisions(counts), counts.rows * counts.labels.length),
  };
}

function emptyCounts(): Counts {
  return { truePositives: 0, predicted: 0, support: 0 };
}

function checkRow(row: Uint8Array, labels: number): void {
  if (row.length !== labels)
    throw new RangeError(`multiLabel: expected ${labels} values a row, got ${row.length}`);
  if (row.some((value) => value > 1))
    throw new RangeError(`multiLabel: expected 0 or 1, got ${Math.max(...row)}`);
}

function addCounts(target: MultiLabelCounts, added: MultiLabelCounts): void {
  if (added.labels.length !== target.labels.length) {
    throw new RangeError(
      `multiLabel: cannot merge ${added.labels.length} labels into ${target.labels.length}`,
    );
  }
  target.rows += added.rows;
  target.exactRows += added.exactRows;
  target.labels.forEach((counts, i) => {
    counts.truePositives += added.labels[i].truePositives;
    counts.predicted += added.labels[i].predicted;
    counts.support += added.labels[i].support;
  });
}

/** False positives and false negatives of all labels. */
function wrongDecisions({ labels }: MultiLabelCounts): number {
  return labels.reduce(
    (n, { truePositives, predicted, support }) => n + predicted + support - 2 * truePositives,
    0,
  );
}
