/** What the training loop and the predictors know of a task: a head, a loss, targets, metrics. */
import type { Dim } from "../engine/graph/dims.ts";
import type { Tensor } from "../engine/graph/graph.ts";
import type { Encoded } from "../model/bert.ts";
import type { BertConfig } from "../model/config.ts";
import type { Dropout } from "../model/layers.ts";
import type { PackedInputs } from "../model/packed-inputs.ts";
import type { Parameters } from "../model/parameters.ts";
import type { NamedScores } from "../text/metrics/named-counts.ts";
import type { Features } from "./features.ts";
import type { RowLoss } from "./row-loss.ts";

/** Rows that a task made for the model. A task with more to say of its rows extends it. */
export interface TaskData {
  readonly features: Features;
}

/** Metrics of a set of rows, filled row by row in any order. */
export interface Evaluation {
  /** `logits` of a row: `[C]`, or `[length, C]` where the head reads every token. They are overwritten afterwards. */
  update(row: number, logits: Float32Array): void;
  compute(): Record<string, number>;
  /** Where the mistakes are; not for numbers and answers. */
  details?(): EvaluationDetails;
}

export interface EvaluationDetails {
  /** Scores of each label, type of entities or tag, by its name. */
  readonly perLabel: readonly NamedScores[];
  /** `counts[reference][prediction]` of texts, or of words by their tags. */
  readonly confusion?: {
    readonly labels: readonly string[];
    readonly counts: readonly (readonly number[])[];
  };
}

/** A task with its labels fixed: everything between the encoder and a metric. `D`: the rows that it reads. */
export interface Task<D extends TaskData = TaskData> {
  /** The pipeline tag. */
  readonly tag: string;
  /** The class of transformers that loads the checkpoint. */
  readonly architecture: string;
  /** Rows of the encoder that the head reads. */
  readonly reads: "cls" | "all";
  /** `[B, C]`, or `[T, C]` where the head reads every token. */
  readonly logitsDims: readonly Dim[];
  /** What the loss is fed beside the logits, float32, by name. */
  readonly targets: Readonly<Record<string, readonly Dim[]>>;
  /** Numbers that a row's label is stored as, or one a token. */
  readonly labelWidth: number | "tokens";
  /** Logits from the encoder's rows. */
  head(p: Parameters, encoded: Encoded, config: BertConfig, dropout: Dropout): Tensor;
  /** Sum of the losses of all supervised positions. */
  loss(logits: Tensor, targets: Readonly<Record<string, Tensor>>, inputs: PackedInputs): Tensor;
  /** By how many the sum is divided for the mean over these rows. */
  lossCount(features: Features, rows: ArrayLike<number>): number;
  /** The loss of one row from its logits, without label smoothing and class weights. */
  rowLoss(features: Features, row: number, logits: Float32Array): RowLoss;

  /** Fills a batch's targets from its rows' labels. */
  writeTargets(
    features: Features,
    rows: ArrayLike<number>,
    targets: Readonly<Record<string, Float32Array>>,
  ): void;
  /** The answer that ignores the text, from the training rows: logits for a row of `length` tokens. */
  trivialAnswer(train: D): (length: number) => Float32Array;
  evaluation(data: D): Evaluation;
  /** The metric that chooses the best weights where nothing is said. */
  readonly bestMetric: string;
  /** Fields of `config.json` that say what the outputs mean; `metrics` of the kept weights may decide some. */
  configFields(metrics: Readonly<Record<string, number>>): Record<string, unknown>;
}
