/** What each option may be in a file of options, which nobody has type-checked. */
import type { FineTuneOptions } from "./options.ts";

type Kind = {
  /** For messages. */
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
};

const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number";
const isNumbers = (value: unknown) =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every(isNumber);

const TEXT: Kind = { expected: "a text", fits: isText };
const NUMBER: Kind = { expected: "a number", fits: isNumber };
const FLAG: Kind = { expected: "true or false", fits: (value) => typeof value === "boolean" };
const COLUMN: Kind = {
  expected: "a column's name or number",
  fits: (value) => isText(value) || isNumber(value),
};
const NUMBERS: Kind = { expected: "an object of numbers", fits: isNumbers };
const WEIGHTS: Kind = {
  expected: "balanced or an object of numbers",
  fits: (value) => value === "balanced" || isNumbers(value),
};
const NAMES: Kind = {
  expected: "a list of names",
  fits: (value) => Array.isArray(value) && value.every(isText),
};
const RESUME: Kind = {
  expected: "true, false or the folder of a checkpoint",
  fits: (value) => isText(value) || typeof value === "boolean",
};
/** What only a program can give. */
const NONE: Kind = { expected: "nothing: only a program can give it", fits: () => false };

/** All options; a new one does not compile before it is here. */
export const OPTION_VALUES: Readonly<Record<keyof FineTuneOptions, Kind>> = {
  task: TEXT,
  model: TEXT,
  train: TEXT,
  validation: TEXT,
  validationSplit: NUMBER,
  fraction: NUMBER,
  splitSeed: NUMBER,
  trainTags: TEXT,
  validationTags: TEXT,
  output: TEXT,
  overwrite: FLAG,
  textColumn: COLUMN,
  textPairColumn: COLUMN,
  labelColumn: COLUMN,
  header: FLAG,
  delimiter: TEXT,
  quote: TEXT,
  encoding: TEXT,
  labelSeparator: TEXT,
  allowSimilarLabels: FLAG,
  tagColumn: COLUMN,
  allowTagErrors: FLAG,
  questionColumn: TEXT,
  contextColumn: TEXT,
  answersColumn: TEXT,
  fixAnswerOffsets: FLAG,
  problemType: TEXT,
  positiveLabel: TEXT,
  headLayers: NUMBER,
  threshold: NUMBER,
  labelAllPieces: FLAG,
  docStride: NUMBER,
  docStep: NUMBER,
  maxQuestionLength: NUMBER,
  answerSoftmax: TEXT,
  maxAnswerLength: NUMBER,
  numTrainEpochs: NUMBER,
  maxSteps: NUMBER,
  perDeviceTrainBatchSize: NUMBER,
  gradientAccumulationSteps: NUMBER,
  gradientCheckpointing: FLAG,
  maxSeqLength: NUMBER,
  learningRate: NUMBER,
  headLearningRate: NUMBER,
  layerDecay: NUMBER,
  warmupSteps: NUMBER,
  labelSmoothingFactor: NUMBER,
  classWeights: WEIGHTS,
  lrSchedulerType: TEXT,
  lrSchedulerKwargs: NUMBERS,
  weightDecay: NUMBER,
  maxGradNorm: NUMBER,
  adamBeta1: NUMBER,
  adamBeta2: NUMBER,
  adamEpsilon: NUMBER,
  adamBiasCorrection: FLAG,
  freeze: NAMES,
  onNonFinite: TEXT,
  dropout: NUMBER,
  trainSamplingStrategy: TEXT,
  metricForBestModel: TEXT,
  greaterIsBetter: FLAG,
  evalSteps: NUMBER,
  earlyStoppingPatience: NUMBER,
  earlyStoppingThreshold: NUMBER,
  timeLimit: NUMBER,
  resume: RESUME,
  allowDrift: FLAG,
  reportTo: TEXT,
  saveStrategy: TEXT,
  saveSteps: NUMBER,
  saveTotalLimit: NUMBER,
  seed: NUMBER,
  threads: NUMBER,
  runtime: TEXT,
  precision: TEXT,
  origins: NONE,
  signal: NONE,
  onEvent: NONE,
};
