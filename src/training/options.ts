/** What `fineTune` takes. Names follow transformers' `TrainingArguments` where one exists, in camelCase. */
import type { PrecisionChoice, RuntimeChoice } from "../engine/runtime/runtimes.ts";
import type { TrainingEvent } from "./events.ts";
import type { NonFinitePolicy } from "./non-finite-guard.ts";
import type { Origin } from "./resolve-options.ts";
import type { SchedulerKwargs, SchedulerType } from "./schedule.ts";

/** The pipeline tags of transformers. */
export type TaskTag = "text-classification" | "token-classification" | "question-answering";
export const TASK_TAGS: readonly TaskTag[] = [
  "text-classification",
  "token-classification",
  "question-answering",
];

export const SAMPLING_STRATEGIES = ["random", "group_by_length"] as const;
export type SamplingStrategy = (typeof SAMPLING_STRATEGIES)[number];

export const SAVE_STRATEGIES = ["steps", "no"] as const;
export type SaveStrategy = (typeof SAVE_STRATEGIES)[number];
export const REPORT_TO = ["none", "tensorboard"] as const;
export type ReportTo = (typeof REPORT_TO)[number];

/** Text classification: `label` is a class name, a number (regression), or several class names. */
export interface TextRow {
  text: string;
  textPair?: string;
  label?: string | number | readonly string[];
}

/** Tagging, words split already. */
export interface WordsRow {
  tokens: readonly string[];
  /** One a word. */
  tags?: readonly string[];
}

/** Tagging, plain text; offsets as `text.slice` takes them. */
export interface EntitiesRow {
  text: string;
  entities?: readonly { start: number; end: number; label: string }[];
}

/** Question answering; `answer_start` as `context.slice` takes it. */
export interface QuestionRow {
  id?: string;
  question: string;
  context: string;
  /** Empty: the passage has no answer. */
  answers?: readonly { text: string; answer_start: number }[];
}

/** A row in memory, as its task has it. */
export type Row = TextRow | WordsRow | EntitiesRow | QuestionRow;

/** A file's path, or rows in memory. */
export type DataInput = string | Iterable<Row> | AsyncIterable<Row>;

export type ProblemType = "single_label_classification" | "multi_label_classification" | "regression";

/** How a file of labelled text is read. Columns are header names or numbers from 1; what is missing is told by content. */
export interface DataOptions {
  textColumn?: string | number;
  textPairColumn?: string | number;
  /** One column; or several names separated by commas, one 0/1 column a label. */
  labelColumn?: string | number;
  /** Whether the first row names the columns. */
  header?: boolean;
  /** `tab`, `comma` or one character. */
  delimiter?: string;
  /** `none` or one character. */
  quote?: string;
  /** A WHATWG encoding label; default `utf-8`. */
  encoding?: string;
  /** Separates several labels in one column. */
  labelSeparator?: string;
  /** Accept labels that differ only in case or white space. Default false. */
  allowSimilarLabels?: boolean;
  /** Tagging: the tags' column, key or, in CoNLL-U, name (`upos`, `xpos`, …). */
  tagColumn?: string | number;
  /** Tagging: tags that break their own scheme are read as conlleval reads them. Default false: they are an error. */
  allowTagErrors?: boolean;
  /** Question answering, rows in JSONL or Parquet: keys of the question, its passage and the answers. */
  questionColumn?: string;
  contextColumn?: string;
  answersColumn?: string;
  /** Question answering: answers that do not stand at their offset are looked for nearby. Default false. */
  fixAnswerOffsets?: boolean;
}

export interface FineTuneOptions extends DataOptions {
  task: TaskTag;
  /** A folder, or a name such as `sentence-transformers/all-MiniLM-L6-v2`, the default. */
  model?: string;
  train: DataInput;
  /** Without it, and without `validationSplit`, all epochs run and the last weights are kept. */
  validation?: DataInput;
  /**
   * In place of `validation`, so large a share of the training rows is held out, below 1: of each label alike where rows
   * have one, whole passages of questions, else rows by chance.
   */
  validationSplit?: number;
  /** So large a share of the training rows that are not held out is learned from, chosen alike; default 1. */
  fraction?: number;
  /** Of both choices; default 42 whatever `seed` is, so that runs of several seeds have the same rows. */
  splitSeed?: number;
  /** Tagging: files with the tags of the words in `train` and `validation`, a sentence a line in each. */
  trainTags?: string;
  validationTags?: string;
  /** Folder that receives the model. Missing: nothing is written, the result holds metrics only. */
  output?: string;
  /** Replace a model in a folder that is not empty. Default false. */
  overwrite?: boolean;
  /** Default: told by the labels (numbers, some of them not whole: regression; several a row: multi-label). */
  problemType?: ProblemType;
  /** With two labels, the one that precision, recall and f1 are of; default the second. */
  positiveLabel?: string;
  /** Dense layers with tanh between the pooled `[CLS]` and the classifier. Default 0, as transformers has it. */
  headLayers?: number;
  /** Multi-label: probability from which a label is predicted. Default 0.5. */
  threshold?: number;
  /** Tagging: every piece of a word carries its tag, not the first alone. Default false. */
  labelAllPieces?: boolean;
  /** Tokens that neighbouring windows of a long text share; default 128 for questions, else `maxSeqLength` / 4. */
  docStride?: number;
  /** Questions: in place of `docStride`, tokens from the start of a window to the start of the next. */
  docStep?: number;
  /** Questions: longer ones are cut to so many tokens; default 64. */
  maxQuestionLength?: number;
  /** Questions: what an answer's scores compete with, the whole window or its passage; default `all`. */
  answerSoftmax?: "passage" | "all";
  /** Questions: most tokens of an answer; default 30. */
  maxAnswerLength?: number;

  /** Passes over the training rows; default 3 (questions: 2), up to 10 where the rows are few. */
  numTrainEpochs?: number;
  /** Optimizer steps; overrides `numTrainEpochs`. */
  maxSteps?: number;
  /** Rows a micro-batch; default 32 (questions: 16). */
  perDeviceTrainBatchSize?: number;
  /** Micro-batches a step; default 1. */
  gradientAccumulationSteps?: number;
  /**
   * Each layer keeps its input alone, and is computed again for the backward pass: some two fifths of the memory, a
   * fifth more time, the same numbers. Default false.
   */
  gradientCheckpointing?: boolean;
  /**
   * Tokens a row; default 128 (questions: 384), at most the model's positions. Longer texts are cut; longer sentences
   * and passages become several windows.
   */
  maxSeqLength?: number;
  /** Peak learning rate; default by the recipe (docs/recipes.md). */
  learningRate?: number;
  /** Peak learning rate of the new output layers; default `learningRate` where that is given, else by the recipe. */
  headLearningRate?: number;
  /** Each layer below the head learns this much slower than the one above it; default by the recipe, 1 turns it off. */
  layerDecay?: number;
  /** Steps of linear warm-up; below 1 a share of all steps; default by the recipe. */
  warmupSteps?: number;
  /**
   * Share of each target that all labels or tags have alike, from 0 (default) to below 1; not for several labels a row,
   * numbers and answers.
   */
  labelSmoothingFactor?: number;
  /**
   * What a row (tagging: a word) counts in the loss by its label: `balanced` (each label as much as every other), or
   * numbers by label, 1 for those that are not named. The loss is divided by the sum of the weights.
   */
  classWeights?: "balanced" | Readonly<Record<string, number>>;
  /** What the learning rate does after the warm-up; default `linear`, down to 0. `constant` has no warm-up. */
  lrSchedulerType?: SchedulerType;
  /** Numbers of that schedule, such as `{ num_cycles: 2 }`. */
  lrSchedulerKwargs?: SchedulerKwargs;
  /** Decoupled weight decay, not on biases and LayerNorm; default 0.01. */
  weightDecay?: number;
  /** Gradients are scaled down to this global norm; default 1, 0 turns it off. */
  maxGradNorm?: number;
  adamBeta1?: number;
  adamBeta2?: number;
  adamEpsilon?: number;
  /**
   * Whether AdamW scales its moments up in the first steps; default true. Without, as BERT was first trained, the first
   * steps are about three times as large: give it a warm-up.
   */
  adamBiasCorrection?: boolean;
  /**
   * What does not learn: the beginnings of parameters' names, up to a dot, `bert.` left out, such as `embeddings` or
   * `encoder.layer.0-3`; `*` is any characters. Default: nothing. Below the lowest layer that learns there is no
   * backward pass; dropout is everywhere all the same, as in transformers.
   */
  freeze?: readonly string[];
  /**
   * What becomes of a step whose loss or gradient is not finite: `stop` (default) ends the run with a `NonFiniteError`
   * that names tensors and rows; `skip` leaves the step out with a warning, and ends the run after ten in a row. No
   * weight has moved in either case.
   */
  onNonFinite?: NonFinitePolicy;
  /** Dropout of hidden states and of attention probabilities; default the checkpoint's. */
  dropout?: number;
  /** Whether rows of like length share a step; default `random`, for questions `group_by_length`. */
  trainSamplingStrategy?: SamplingStrategy;
  /** Metric that chooses the best epoch; default by the task. */
  metricForBestModel?: string;
  /** Whether a higher value of that metric is better; default by its name. */
  greaterIsBetter?: boolean;
  /** Steps from one evaluation to the next; default an epoch. */
  evalSteps?: number;
  /** Evaluations without an improvement of the metric after which the run ends; default: it runs to its end. */
  earlyStoppingPatience?: number;
  /** The least that counts as an improvement for that; default 0: any. */
  earlyStoppingThreshold?: number;
  /** Seconds of training and evaluation after which no further step begins. */
  timeLimit?: number;
  /**
   * Go on with the run in `output` where it stopped; where none began, begin. A text: the folder of a checkpoint to go on
   * from. The rest has the bits of a run that did not stop. Default false.
   */
  resume?: boolean | string;
  /** Go on, too, with other options, data, runtime, threads or version than before: the bits are then others. */
  allowDrift?: boolean;
  /** Whether there are checkpoints in `output` until the run is done; default `steps`. With `no` an abort loses all. */
  saveStrategy?: SaveStrategy;
  /** Steps from one checkpoint to the next; default those from one evaluation to the next, else an epoch. */
  saveSteps?: number;
  /** Checkpoints that are kept, the last ones; each has the best weights as well. Default 1. */
  saveTotalLimit?: number;
  /** Where the record of the run goes beside its files; `tensorboard`: to event files in the output folder. Default `none`. */
  reportTo?: ReportTo;
  /** Default 42. */
  seed?: number;
  /** Threads of the runtime; default the processor's. */
  threads?: number;
  /** `auto` (default), `onnxruntime` (its C API) or `onnxruntime-binding`. */
  runtime?: RuntimeChoice;
  /**
   * Of matrix products, default `float32`. `bf16` needs OpenVINO and a processor with its instructions; `auto` takes it where
   * it is clearly faster.
   */
  precision?: PrecisionChoice;
  /** Where options come from that the caller did not set; `run.json` tells it. Default: all that are here are `given`. */
  origins?: Readonly<Record<string, Origin>>;
  /** Stops the running step. What is done is kept in a checkpoint in `output`, to `resume` from. */
  signal?: AbortSignal;
  onEvent?: (event: TrainingEvent) => void;
}

export interface FineTuneResult {
  /** The model's folder; undefined where no output was asked for. */
  output?: string;
  task: TaskTag;
  /** Metrics of the kept weights on the validation rows, by the names of Hugging Face's evaluate; empty without. */
  metrics: Record<string, number>;
  /** The one of them that chose the weights; undefined without validation rows. */
  metric?: string;
  /**
   * When the kept weights were evaluated, and what `metric` is of the answer that ignores the text. Undefined without
   * validation rows, and where the run was done before.
   */
  kept?: { step: number; epoch: number; baseline: number };
  /** From the call to the end, data and evaluation included. */
  seconds: number;
  /** Real tokens of all training steps by the seconds of training. */
  tokensPerSecond: number;
  /** The process's peak resident memory, in 10^6 bytes, and what was planned before the first step. */
  peakMemoryMb: number;
  plannedMemoryMb: number;
  /** The step that the run went on from; undefined where it began at its first. */
  resumedFromStep?: number;
}
