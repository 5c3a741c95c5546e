/** evaluation.json: how good the kept weights are on the validation rows, and how sure that is. */

import { BOOTSTRAP_DEFAULTS, bootstrapIntervals, type Interval } from "../text/metrics/bootstrap.ts";
import type { RowMetrics } from "./line-kind.ts";
import type { MistakeCount } from "./mistakes.ts";

export interface EvaluationFile {
  /** Where the rows are from, and how many they are. */
  on: string;
  rows: number;
  /** The metric that chose the weights. */
  metric: string;
  value: number;
  interval: Interval;
  /** The same of an answer that ignores the text, and how far the model is above it, paired by row. */
  baseline: number;
  difference: Interval & { value: number };
  /** Of all intervals. */
  bootstrap: { resamples: number; seed: number; level: number };
  /** All metrics, and an interval of each. */
  metrics: Record<string, number>;
  intervals: Record<string, Interval>;
  /** What is most often mistaken for what, the commonest first. */
  mistakes: MistakeCount[];
}

export interface EvaluationInput {
  on: string;
  rows: number;
  metric: string;
  /** Of the kept weights, and of an answer that ignores the text, row by row in the same order. */
  model: RowMetrics;
  baseline: RowMetrics;
  mistakes: MistakeCount[];
}

/** Name of the difference among the statistics, as no metric is called. */
const DIFFERENCE = "model - baseline";

export function evaluationFile({
  on,
  rows,
  metric,
  model,
  baseline,
  mistakes,
}: EvaluationInput): EvaluationFile {
  const intervals = bootstrapIntervals(
    (weights) => {
      const metrics = model.metrics(weights);
      return { ...metrics, [DIFFERENCE]: metrics[metric] - baseline.metrics(weights)[metric] };
    },
    { rows },
  );
  const { [DIFFERENCE]: difference, ...own } = intervals;
  const metrics = model.metrics();
  const trivial = baseline.metrics()[metric];
  return {
    ...{ on, rows, metric, value: metrics[metric], interval: own[metric], baseline: trivial },
    difference: { value: metrics[metric] - trivial, ...difference },
    bootstrap: BOOTSTRAP_DEFAULTS,
    metrics,
    intervals: own,
    mistakes,
  };
}
