/** Options of prediction that cannot be right are refused before a model is opened. */
import { checkNumbers, checkRuntime, MAX_SEQ_LENGTH, THRESHOLD, WHOLE } from "../training/check-options.ts";
import type { PredictOptions, PredictorOptions } from "./options.ts";

const CHECKS = {
  maxSeqLength: MAX_SEQ_LENGTH,
  batchSize: WHOLE,
  threads: WHOLE,
  topK: WHOLE,
  maxAnswerLength: WHOLE,
  threshold: THRESHOLD,
} as const;

/** Throws `UsageError` that names the option, what was given and what is expected. */
export function checkPredictionOptions(options: PredictorOptions & PredictOptions): void {
  checkNumbers(options, CHECKS);
  checkRuntime(options.runtime);
}
