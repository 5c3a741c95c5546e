/** Options that cannot be right are refused before anything is opened. */
import { processorHasBf16 } from "../files/processor.ts";
import { checkReadOptions } from "../text/data/layout.ts";
import { UsageError } from "../util/errors.ts";
import { patternFault } from "./freezing.ts";
import { NON_FINITE_POLICIES } from "./non-finite-guard.ts";
import {
  type FineTuneOptions,
  REPORT_TO,
  SAMPLING_STRATEGIES,
  SAVE_STRATEGIES,
  TASK_TAGS,
  type TaskTag,
} from "./options.ts";
import { checkKwargs, SCHEDULER_TYPES } from "./schedule.ts";

export type Check = { valid: (value: number) => boolean; expected: string };

export const WHOLE: Check = {
  valid: (x) => Number.isInteger(x) && x >= 1,
  expected: "a whole number above 0",
};
const NOT_NEGATIVE: Check = { valid: (x) => x >= 0 && Number.isFinite(x), expected: "0 or more" };
export const NOT_NEGATIVE_WHOLE: Check = {
  valid: (x) => Number.isInteger(x) && x >= 0,
  expected: "a whole number, 0 or more",
};
const BELOW_ONE: Check = { valid: (x) => x >= 0 && x < 1, expected: "from 0 to below 1" };

export const MAX_SEQ_LENGTH: Check = {
  valid: (x) => Number.isInteger(x) && x >= 3,
  expected: "a whole number of at least 3",
};
export const THRESHOLD: Check = { valid: (x) => x > 0 && x < 1, expected: "between 0 and 1" };
const SEED: Check = {
  valid: (x) => Number.isInteger(x) && x >= 0 && x < 2 ** 32,
  expected: "a whole number from 0 to 4294967295",
};

const CHECKS: Partial<Record<keyof FineTuneOptions, Check>> = {
  numTrainEpochs: { valid: (x) => x > 0 && Number.isFinite(x), expected: "a number above 0" },
  maxSteps: WHOLE,
  perDeviceTrainBatchSize: WHOLE,
  gradientAccumulationSteps: WHOLE,
  maxSeqLength: MAX_SEQ_LENGTH,
  learningRate: { valid: (x) => x > 0 && x <= 1, expected: "above 0 and at most 1" },
  headLearningRate: { valid: (x) => x > 0 && x <= 1, expected: "above 0 and at most 1" },
  layerDecay: { valid: (x) => x > 0 && x <= 1, expected: "above 0 and at most 1" },
  warmupSteps: NOT_NEGATIVE,
  weightDecay: NOT_NEGATIVE,
  maxGradNorm: NOT_NEGATIVE,
  adamBeta1: BELOW_ONE,
  adamBeta2: BELOW_ONE,
  adamEpsilon: { valid: (x) => x > 0, expected: "a number above 0" },
  dropout: BELOW_ONE,
  labelSmoothingFactor: BELOW_ONE,
  headLayers: {
    valid: (x) => Number.isInteger(x) && x >= 0 && x <= 16,
    expected: "a whole number from 0 to 16",
  },
  threshold: THRESHOLD,
  docStride: NOT_NEGATIVE_WHOLE,
  docStep: WHOLE,
  maxQuestionLength: WHOLE,
  maxAnswerLength: WHOLE,
  seed: SEED,
  splitSeed: SEED,
  validationSplit: THRESHOLD,
  fraction: { valid: (x) => x > 0 && x <= 1, expected: "above 0 and at most 1" },
  evalSteps: WHOLE,
  earlyStoppingPatience: WHOLE,
  earlyStoppingThreshold: NOT_NEGATIVE,
  timeLimit: { valid: (x) => x > 0 && Number.isFinite(x), expected: "seconds, a number above 0" },
  saveSteps: WHOLE,
  saveTotalLimit: WHOLE,
  threads: WHOLE,
};

/** Options that only an evaluation gives a meaning. */
const NEED_VALIDATION = [
  "evalSteps",
  "earlyStoppingPatience",
  "metricForBestModel",
  "greaterIsBetter",
] as const;

/** Options that mean something to some tasks only. */
const OPTION_TASKS: Readonly<Record<string, readonly TaskTag[]>> = {
  textColumn: ["text-classification", "token-classification"],
  header: ["text-classification"],
  delimiter: ["text-classification", "token-classification"],
  quote: ["text-classification"],
  problemType: ["text-classification"],
  positiveLabel: ["text-classification"],
  headLayers: ["text-classification"],
  threshold: ["text-classification"],
  textPairColumn: ["text-classification"],
  labelColumn: ["text-classification"],
  labelSeparator: ["text-classification"],
  allowSimilarLabels: ["text-classification"],
  tagColumn: ["token-classification"],
  aggregation: ["token-classification"],
  dataTags: ["token-classification"],
  allowTagErrors: ["token-classification"],
  trainTags: ["token-classification"],
  validationTags: ["token-classification"],
  labelAllPieces: ["token-classification"],
  labelSmoothingFactor: ["text-classification", "token-classification"],
  classWeights: ["text-classification", "token-classification"],
  docStride: ["token-classification", "question-answering"],
  questionColumn: ["question-answering"],
  contextColumn: ["question-answering"],
  answersColumn: ["question-answering"],
  docStep: ["question-answering"],
  maxQuestionLength: ["question-answering"],
  answerSoftmax: ["question-answering"],
  maxAnswerLength: ["question-answering"],
  nullScoreDiffThreshold: ["question-answering"],
  fixAnswerOffsets: ["question-answering"],
  topK: ["text-classification", "question-answering"],
};

const ANSWER_SOFTMAX = ["passage", "all"];
const PROBLEM_TYPES = ["single_label_classification", "multi_label_classification", "regression"];
const RUNTIMES = ["auto", "onnxruntime", "onnxruntime-binding", "openvino"];
const PRECISIONS = ["float32", "bf16", "auto"];

/** Throws `UsageError` that names the option, what was given and what is expected. */
export function checkOptions(options: FineTuneOptions): void {
  checkNumbers(options, CHECKS);
  checkRuntime(options);
  if (!TASK_TAGS.includes(options.task)) {
    throw refused("task", options.task, `one of ${TASK_TAGS.join(", ")}`);
  }
  checkTaskOptions(options.task, options);
  if (options.answerSoftmax !== undefined && !ANSWER_SOFTMAX.includes(options.answerSoftmax)) {
    throw refused("answerSoftmax", options.answerSoftmax, ANSWER_SOFTMAX.join(" or "));
  }
  if (options.problemType !== undefined && !PROBLEM_TYPES.includes(options.problemType)) {
    throw refused("problemType", options.problemType, `one of ${PROBLEM_TYPES.join(", ")}`);
  }
  const { lrSchedulerType = "linear", lrSchedulerKwargs = {} } = options;
  if (!SCHEDULER_TYPES.includes(lrSchedulerType)) {
    throw refused("lrSchedulerType", lrSchedulerType, `one of ${SCHEDULER_TYPES.join(", ")}`);
  }
  checkKwargs(lrSchedulerType, lrSchedulerKwargs);
  const strategy = options.trainSamplingStrategy;
  if (strategy !== undefined && !SAMPLING_STRATEGIES.includes(strategy)) {
    throw refused("trainSamplingStrategy", strategy, SAMPLING_STRATEGIES.join(" or "));
  }
  checkSplit(options);
  const { onNonFinite = "stop" } = options;
  if (!NON_FINITE_POLICIES.includes(onNonFinite)) {
    throw refused("onNonFinite", onNonFinite, NON_FINITE_POLICIES.join(" or "));
  }
  checkFreeze(options.freeze);
  const { reportTo } = options;
  if (reportTo !== undefined && !REPORT_TO.includes(reportTo)) {
    throw refused("reportTo", reportTo, REPORT_TO.join(" or "));
  }
  checkEvaluation(options);
  checkCheckpoints(options);
  if (options.train === undefined) throw new UsageError("train is missing: give a file or rows.");
  checkReadOptions({ ...options, needs: { label: "required", kind: "auto" } });
}

function checkSplit({
  validation,
  validationTags,
  validationSplit,
  fraction,
  splitSeed,
}: FineTuneOptions): void {
  if (validationSplit !== undefined && (validation !== undefined || validationTags !== undefined)) {
    const rival = validation === undefined ? "validationTags" : "validation";
    throw new UsageError(
      `validationSplit holds out training rows, and ${rival} names others: give one of them.`,
      ["validationSplit", rival],
    );
  }
  if (splitSeed === undefined || validationSplit !== undefined || fraction !== undefined) return;
  throw new UsageError("splitSeed has no meaning without validationSplit or fraction.", [
    "splitSeed",
    "validationSplit",
    "fraction",
  ]);
}

function checkFreeze(freeze: unknown): void {
  if (freeze === undefined) return;
  if (!Array.isArray(freeze) || freeze.length === 0) throw refused("freeze", freeze, "a list of names");
  const fault = freeze.map(patternFault).find((text) => text !== undefined);
  if (fault !== undefined) throw new UsageError(`freeze ${freeze.join(",")}: ${fault}.`, ["freeze"]);
}

function checkEvaluation(options: FineTuneOptions): void {
  if (options.earlyStoppingThreshold !== undefined && options.earlyStoppingPatience === undefined) {
    throw new UsageError("earlyStoppingThreshold has no meaning without earlyStoppingPatience; give both.", [
      "earlyStoppingThreshold",
      "earlyStoppingPatience",
    ]);
  }
  if (options.validation !== undefined || options.validationSplit !== undefined) return;
  const idle = NEED_VALIDATION.find((name) => options[name] !== undefined);
  if (idle === undefined) return;
  throw new UsageError(`${idle} has no meaning without validation: nothing is measured.`, [
    idle,
    "validation",
  ]);
}

function checkCheckpoints({ resume, allowDrift, output, saveStrategy, saveSteps }: FineTuneOptions): void {
  if (saveStrategy !== undefined && !SAVE_STRATEGIES.includes(saveStrategy)) {
    throw refused("saveStrategy", saveStrategy, SAVE_STRATEGIES.join(" or "));
  }
  if (saveStrategy === "no" && saveSteps !== undefined) {
    throw new UsageError("saveSteps has no meaning with saveStrategy no; leave one of them out.", [
      "saveSteps",
      "saveStrategy",
    ]);
  }
  if (resume && output === undefined) {
    throw new UsageError("resume has no meaning without output, the folder of the run.", [
      "resume",
      "output",
    ]);
  }
  if (allowDrift && !resume) {
    throw new UsageError("allowDrift has no meaning without resume.", ["allowDrift", "resume"]);
  }
}

/** Throws `UsageError` for an option that has no meaning for the task, or none beside another. */
export function checkTaskOptions(task: TaskTag, options: object): void {
  const values = options as Record<string, unknown>;
  for (const [name, tasks] of Object.entries(OPTION_TASKS)) {
    if (values[name] === undefined || tasks.includes(task)) continue;
    const message = `${name} has no meaning for task ${task}; it is for ${tasks.join(" and ")}.`;
    throw new UsageError(message, [name, "task"]);
  }
  if (values.docStride === undefined || values.docStep === undefined) return;
  const message = "docStride and docStep both say where windows start: give one of them.";
  throw new UsageError(message, ["docStride", "docStep"]);
}

/** Throws `UsageError` for the first of `checks` that its option, where it is given, does not pass. */
export function checkNumbers(options: object, checks: Readonly<Record<string, Check>>): void {
  const values = options as Record<string, unknown>;
  for (const [name, { valid, expected }] of Object.entries(checks)) {
    const value = values[name];
    if (value === undefined) continue;
    if (typeof value !== "number" || !valid(value)) throw refused(name, value, expected);
  }
}

/** Throws `UsageError` for a runtime or a precision that is none, and for bf16 that runtime or processor lack. */
export function checkRuntime(
  { runtime = "auto", precision = "float32" }: { runtime?: string; precision?: string },
  hasBf16 = processorHasBf16,
): void {
  if (!RUNTIMES.includes(runtime)) throw refused("runtime", runtime, `one of ${RUNTIMES.join(", ")}`);
  if (!PRECISIONS.includes(precision)) {
    throw refused("precision", precision, `one of ${PRECISIONS.join(", ")}`);
  }
  if (precision !== "bf16") return;
  if (runtime.startsWith("onnxruntime")) {
    const message = "precision bf16: ONNX Runtime multiplies in float32 only; give runtime openvino.";
    throw new UsageError(message, ["precision", "runtime"]);
  }
  if (hasBf16() === false) {
    const message = "precision bf16: this processor has no bf16 instructions; leave it out, or give auto.";
    throw new UsageError(message, ["precision"]);
  }
}

function refused(name: string, value: unknown, expected: string): UsageError {
  return new UsageError(`${name} is ${JSON.stringify(value)}, expected ${expected}.`, [name]);
}
