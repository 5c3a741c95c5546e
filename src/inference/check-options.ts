/** Options of prediction that cannot be right are refused before a model is opened. */
import type { Aggregation } from "../tasks/token-classification/aggregate.ts";
import {
  checkNumbers,
  checkRuntime,
  MAX_SEQ_LENGTH,
  NOT_NEGATIVE_WHOLE,
  THRESHOLD,
  WHOLE,
} from "../training/check-options.ts";
import { UsageError } from "../util/errors.ts";
import type { PredictOptions, PredictorOptions } from "./options.ts";

const CHECKS = {
  maxSeqLength: MAX_SEQ_LENGTH,
  batchSize: WHOLE,
  threads: WHOLE,
  topK: WHOLE,
  maxAnswerLength: WHOLE,
  nullScoreDiffThreshold: { valid: Number.isFinite, expected: "a number" },
  docStride: NOT_NEGATIVE_WHOLE,
  docStep: WHOLE,
  maxQuestionLength: WHOLE,
  threshold: THRESHOLD,
} as const;

const AGGREGATIONS: readonly Aggregation[] = ["none", "simple", "first", "average", "max"];

/** Throws `UsageError` that names the option, what was given and what is expected. */
export function checkPredictionOptions(options: PredictorOptions & PredictOptions): void {
  checkNumbers(options, CHECKS);
  checkRuntime(options);
  const { aggregation } = options;
  if (aggregation === undefined || AGGREGATIONS.includes(aggregation)) return;
  const message = `aggregation is ${JSON.stringify(aggregation)}, expected one of ${AGGREGATIONS.join(", ")}.`;
  throw new UsageError(message, ["aggregation"]);
}
