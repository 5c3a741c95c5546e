/** What prediction and evaluation take and give. */
import type { DataInput, DataOptions, ProblemType, Row } from "../training/options.ts";

export interface PredictorOptions {
  /** Tokens a row, longer ones are cut; default what the model was trained with. */
  maxSeqLength?: number;
  /** Rows a batch; default 32. */
  batchSize?: number;
  threads?: number;
  runtime?: "auto" | "onnxruntime" | "onnxruntime-binding";
  signal?: AbortSignal;
}

/** A label and its probability. */
export interface LabelScore {
  label: string;
  score: number;
}

/**
 * `{ label, score }` for classes (`top` holds the best `topK` where it was asked for), `{ labels }` for several labels
 * at once, `{ score }` for regression.
 */
export type Prediction = LabelScore | { top: LabelScore[] } | { labels: LabelScore[] } | { score: number };

export interface PredictOptions {
  /** Classes: the best K labels instead of one. */
  topK?: number;
  /** Several labels: probability from which a label is predicted; default the model's own, else 0.5. */
  threshold?: number;
  signal?: AbortSignal;
}

/** A loaded model: call it with a text (and the second text of a pair). */
export interface Predictor {
  (text: string, textPair?: string, options?: PredictOptions): Promise<Prediction>;
  readonly task: "text-classification";
  readonly problemType: ProblemType;
  /** In the order of the logits; empty for regression. */
  readonly labels: readonly string[];
  /** Predictions in the order of the rows, in constant memory: rows may be endless. */
  stream(
    rows: Iterable<Row> | AsyncIterable<Row>,
    options?: PredictOptions,
  ): AsyncGenerator<Prediction, void, undefined>;
  /** The model's raw outputs for rows, one array a row. */
  logits(rows: Iterable<Row> | AsyncIterable<Row>): AsyncGenerator<Float32Array, void, undefined>;
  /** Frees the native memory. */
  dispose(): void;
}

export interface EvaluateOptions extends DataOptions, PredictorOptions {
  model: string;
  data: DataInput;
  positiveLabel?: string;
  threshold?: number;
  onProgress?: (progress: { done: number; total: number }) => void;
}

export interface EvaluateResult {
  task: "text-classification";
  examples: number;
  /** By the names of Hugging Face's evaluate; each a fraction. */
  metrics: Record<string, number>;
  seconds: number;
  examplesPerSecond: number;
}

export interface InspectOptions extends DataOptions {
  task: "text-classification";
  data: DataInput;
  validation?: DataInput;
  /** The model whose tokenizer counts; default as for training. */
  model?: string;
  maxSeqLength?: number;
  problemType?: ProblemType;
  signal?: AbortSignal;
}
