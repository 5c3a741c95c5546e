/** What prediction and evaluation take and give. */
import type { PrecisionChoice, RuntimeChoice } from "../engine/runtime/runtimes.ts";
import type { EvaluationDetails } from "../tasks/task.ts";
import type { Aggregation } from "../tasks/token-classification/aggregate.ts";
import type { DataInput, DataOptions, ProblemType, Row, TaskTag } from "../training/options.ts";

export interface PredictorOptions {
  /** Tokens a row, longer ones are cut; default what the model was trained with. */
  maxSeqLength?: number;
  /** Most rows of a batch; by default only their tokens count. */
  batchSize?: number;
  threads?: number;
  runtime?: RuntimeChoice;
  /**
   * Of matrix products, default `float32`. `bf16` needs OpenVINO and a processor with its instructions; `auto` takes it where
   * it is clearly faster.
   */
  precision?: PrecisionChoice;
  /** Questions: most tokens of an answer; default the model's own. */
  maxAnswerLength?: number;
  /** Questions: no answer where its score is above the best answer's by more than this; default the model's own. */
  nullScoreDiffThreshold?: number;
  signal?: AbortSignal;
  /** Called with what a person should know of the machine, such as a runtime that is not the first choice. */
  onWarning?: (message: string) => void;
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
export type TextPrediction =
  | LabelScore
  | { top: LabelScore[] }
  | { labels: LabelScore[] }
  | { score: number };

/** A word and its tag, in the scheme of the training file. */
export interface WordPrediction {
  word: string;
  tag: string;
  /** Probability of the tag. */
  score: number;
  /** `text.slice(start, end)` is the word; of words that were given split, the text is the words with spaces between. */
  start: number;
  end: number;
}

export interface EntityPrediction {
  label: string;
  /** Mean probability of its words' tags. */
  score: number;
  /** `text.slice(start, end)` of the text that was given. */
  text: string;
  start: number;
  end: number;
}

export interface TaggingPrediction {
  words: WordPrediction[];
  /** Empty where the tags mark no spans. */
  entities: EntityPrediction[];
}

/** The passage's own characters `context.slice(start, end)`; empty, from 0 to 0, where it says that there is no answer. */
export interface AnswerPrediction {
  /** That of the row, where it has one. */
  id?: string;
  answer: string;
  start: number;
  end: number;
  /** Probability among the ranked answers. */
  score: number;
  /**
   * Where a question may have no answer: the score of none less that of the best span. Above the model's threshold
   * there is none.
   */
  scoreDiff?: number;
}

/** What each task predicts. */
export interface PredictionOf {
  "text-classification": TextPrediction;
  "token-classification": TaggingPrediction;
  /** `top` holds the best `topK` where it was asked for, "no answer" among them where that may be one. */
  "question-answering": AnswerPrediction & { top?: AnswerPrediction[] };
}

export type Prediction = PredictionOf[TaskTag];

export interface PredictOptions {
  /** Classes and answers: the best K instead of one. */
  topK?: number;
  /** Several labels: probability from which a label is predicted; default the model's own, else 0.5. */
  threshold?: number;
  /**
   * Tagging of plain text: how pieces become entities, as transformers' pipeline does it. Default: entities of the
   * best sequence of tags that the scheme allows, one a word.
   */
  aggregation?: Aggregation;
  signal?: AbortSignal;
}

/** A loaded model: call it with a text, the two texts of a pair, or a question and its passage. */
export interface Predictor<T extends TaskTag = TaskTag> {
  (text: string, textPair?: string, options?: PredictOptions): Promise<PredictionOf[T]>;
  readonly task: T;
  /** Text classification only. */
  readonly problemType?: ProblemType;
  /** In the order of the logits; empty for regression and questions. */
  readonly labels: readonly string[];
  /** Predictions in the order of the rows, in constant memory: rows may be endless. */
  stream(
    rows: Iterable<Row> | AsyncIterable<Row>,
    options?: PredictOptions,
  ): AsyncGenerator<PredictionOf[T], void, undefined>;
  /** The model's raw outputs for rows: an array for each window of each row. */
  logits(rows: Iterable<Row> | AsyncIterable<Row>): AsyncGenerator<Float32Array, void, undefined>;
  /** Frees the native memory. */
  dispose(): void;
}

export interface EvaluateOptions extends DataOptions, PredictorOptions {
  model: string;
  data: DataInput;
  positiveLabel?: string;
  threshold?: number;
  /** Tagging: a file with the tags of the words in `data`. */
  dataTags?: string;
  /** Tokens that neighbouring windows share. */
  docStride?: number;
  /** Questions: tokens from the start of a window to the start of the next, in place of `docStride`. */
  docStep?: number;
  /** Questions: longer ones are cut to so many tokens. */
  maxQuestionLength?: number;
  /** Questions: folder that receives predictions.json, nbest_predictions.json and null_odds.json. */
  output?: string;
  /** Questions: replace such files. Default false. */
  overwrite?: boolean;
  /** Counted in windows: a text is one, a long sentence or a passage may be several. */
  onProgress?: (progress: { done: number; total: number }) => void;
}

export interface EvaluateResult {
  task: TaskTag;
  /** Texts, sentences or questions. */
  examples: number;
  /** What a person should know of the data. */
  notes: readonly string[];
  /** By the names of Hugging Face's evaluate; each a fraction. */
  metrics: Record<string, number>;
  /** Scores of each class, of each type of entities, or of each tag where tags mark no spans. */
  perLabel?: EvaluationDetails["perLabel"];
  /** `counts[reference][prediction]` of texts by their class, or of words by their tag. */
  confusion?: EvaluationDetails["confusion"];
  seconds: number;
  examplesPerSecond: number;
}

export interface InspectOptions extends DataOptions {
  task: TaskTag;
  data: DataInput;
  validation?: DataInput;
  /** The model whose tokenizer counts; default as for training. */
  model?: string;
  /** Tokens above which a text is cut or split; default 128 (questions: 384). */
  maxSeqLength?: number;
  problemType?: ProblemType;
  /** Tagging: files with the tags of the words in `data` and `validation`. */
  dataTags?: string;
  validationTags?: string;
  /** Questions, each as for training: default 128, none, 64 and 30 tokens. */
  docStride?: number;
  docStep?: number;
  maxQuestionLength?: number;
  maxAnswerLength?: number;
  signal?: AbortSignal;
}
