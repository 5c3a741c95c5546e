/** What the training loop and the predictors know of a task: a head, a loss, targets, metrics. */
import type { Dim } from "../engine/graph/dims.ts";
import type { Tensor } from "../engine/graph/graph.ts";
import type { Encoded } from "../model/bert.ts";
import type { BertConfig } from "../model/config.ts";
import type { Dropout } from "../model/layers.ts";
import type { Parameters } from "../model/parameters.ts";

/** A label as it is stored with a row: class number, value, or a 0 or 1 a class. */
export type StoredLabel = Float32Array;

/** Metrics of a set of rows, filled row by row. */
export interface Evaluation {
  /** `logits [C]` of a row and its label. */
  update(logits: Float32Array, label: StoredLabel): void;
  compute(): Record<string, number>;
}

/** A task with its labels fixed: everything between the encoder and a metric. */
export interface Task {
  /** The pipeline tag. */
  readonly tag: string;
  /** The class of transformers that loads the checkpoint. */
  readonly architecture: string;
  /** Rows of the encoder that the head reads. */
  readonly reads: "cls" | "all";
  /** Dims of the logits and of the targets, such as `[B, C]`. */
  readonly targetDims: readonly Dim[];
  /** Numbers that a row's label is stored as. */
  readonly labelWidth: number;
  /** Logits from the encoder's rows. */
  head(p: Parameters, encoded: Encoded, config: BertConfig, dropout: Dropout): Tensor;
  /** Sum of the rows' losses. */
  loss(logits: Tensor, targets: Tensor): Tensor;
  /** By how many the sum is divided for a mean over `rows` rows. */
  lossCount(rows: number): number;
  /** Writes a row's targets: one `[C]` slice of the feed. */
  writeTargets(label: StoredLabel, targets: Float32Array): void;
  /** The logit of a constant answer, from the mean of a target over rows. */
  logitOfMean(mean: number): number;
  evaluation(): Evaluation;
  /** The metric that chooses the best weights where nothing is said. */
  readonly bestMetric: string;
  /** Fields of `config.json` that say what the outputs mean. */
  configFields(): Record<string, unknown>;
}
