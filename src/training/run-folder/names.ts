/** Files that a run leaves beside its model, by their names; docs/run-folder.md says what each holds. */

export const METRICS = "metrics.jsonl";
export const RESULTS = "results.csv";
export const PREDICTIONS = "predictions.jsonl";
export const ERRORS = "errors.csv";
export const EVALUATION = "evaluation.json";
export const DATA_REPORT = "data-report.json";
/** A folder of event files. */
export const TENSORBOARD = "tensorboard";
export const REPORT = "report.html";
/** A folder of the report's drawings. */
export const PLOTS = "plots";

/** All of them. */
export const RUN_FILES = [
  METRICS,
  RESULTS,
  PREDICTIONS,
  ERRORS,
  EVALUATION,
  DATA_REPORT,
  TENSORBOARD,
  REPORT,
  PLOTS,
] as const;
