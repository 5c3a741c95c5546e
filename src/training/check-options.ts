/** Options that cannot be right are refused before anything is opened. */

import { checkReadOptions } from "../text/data/layout.ts";
import { UsageError } from "../util/errors.ts";
import type { FineTuneOptions } from "./options.ts";

export type Check = { valid: (value: number) => boolean; expected: string };

export const WHOLE: Check = {
  valid: (x) => Number.isInteger(x) && x >= 1,
  expected: "a whole number above 0",
};
const NOT_NEGATIVE: Check = { valid: (x) => x >= 0 && Number.isFinite(x), expected: "0 or more" };
const BELOW_ONE: Check = { valid: (x) => x >= 0 && x < 1, expected: "from 0 to below 1" };

export const MAX_SEQ_LENGTH: Check = {
  valid: (x) => Number.isInteger(x) && x >= 3,
  expected: "a whole number of at least 3",
};
export const THRESHOLD: Check = { valid: (x) => x > 0 && x < 1, expected: "between 0 and 1" };

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
  headLayers: {
    valid: (x) => Number.isInteger(x) && x >= 0 && x <= 16,
    expected: "a whole number from 0 to 16",
  },
  threshold: THRESHOLD,
  seed: {
    valid: (x) => Number.isInteger(x) && x >= 0 && x < 2 ** 32,
    expected: "a whole number from 0 to 4294967295",
  },
  threads: WHOLE,
};

const TASKS = ["text-classification"];
const PROBLEM_TYPES = ["single_label_classification", "multi_label_classification", "regression"];
const RUNTIMES = ["auto", "onnxruntime", "onnxruntime-binding"];

/** Throws `UsageError` that names the option, what was given and what is expected. */
export function checkOptions(options: FineTuneOptions): void {
  checkNumbers(options, CHECKS);
  checkRuntime(options.runtime);
  if (!TASKS.includes(options.task)) throw refused("task", options.task, TASKS.join(" or "));
  if (options.problemType !== undefined && !PROBLEM_TYPES.includes(options.problemType)) {
    throw refused("problemType", options.problemType, `one of ${PROBLEM_TYPES.join(", ")}`);
  }
  if (options.train === undefined) throw new UsageError("train is missing: give a file or rows.");
  checkReadOptions({ ...options, needs: { label: "required", kind: "auto" } });
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

export function checkRuntime(name: string | undefined): void {
  if (name === undefined || RUNTIMES.includes(name)) return;
  throw refused("runtime", name, `one of ${RUNTIMES.join(", ")}`);
}

function refused(name: string, value: unknown, expected: string): UsageError {
  return new UsageError(`${name} is ${JSON.stringify(value)}, expected ${expected}.`);
}
