/** What differs between the tasks in predictions.jsonl, errors.csv and what is measured from them. */
import type { PredictionOf, PredictOptions } from "../inference/options.ts";
import type { Dataset } from "../training/dataset.ts";
import type { Row, TaskTag } from "../training/options.ts";
import type { FieldsOf, ResultLine } from "./lines.ts";
import type { Mistake } from "./mistakes.ts";

/** Metrics of rows of which each may count any number of times. */
export interface RowMetrics {
  /** `weights`: how often each row counts, default once. */
  metrics(weights?: ArrayLike<number>): Record<string, number>;
}

/** Takes lines in their order. */
export interface MetricCollector<T extends TaskTag> {
  add(line: FieldsOf[T]): void;
  finish(): RowMetrics;
}

export interface LineKind<T extends TaskTag> {
  /** How predictions are asked for, for the lines. */
  readonly predict: PredictOptions;
  /** The task's part of a line. `example`: the row's number in `data`, which holds what is right. */
  fields(row: Row, prediction: PredictionOf[T], data: Dataset, example: number): FieldsOf[T];
  collector(): MetricCollector<T>;
  /** What a line mistakes for what, in words for people. */
  mistakes(line: FieldsOf[T]): readonly Mistake[];
  /** The cells of a wrong row in errors.csv, by their columns; `score`: probability of what was predicted. */
  cells(line: ResultLine<FieldsOf[T]>): ErrorCells;
}

export interface ErrorCells {
  /** What the row is of, such as `{ text, text_pair }`. */
  row: Readonly<Record<string, string>>;
  gold: string;
  predicted: string;
  score: number | undefined;
}
