/** The package in Node: everything of `index.ts`, and what needs files, native runtimes and the network. */

export {
  type InstalledOpenVino,
  type InstallOpenVinoOptions,
  installOpenVino,
} from "./files/runtimes/install-openvino.ts";
export * from "./index.ts";
export { evaluate } from "./inference/evaluate.ts";
export { inspectData } from "./inference/inspect.ts";
export type {
  AnswerPrediction,
  EntityPrediction,
  EvaluateOptions,
  EvaluateResult,
  InspectOptions,
  LabelScore,
  Prediction,
  PredictionOf,
  PredictOptions,
  Predictor,
  PredictorOptions,
  TaggingPrediction,
  TextPrediction,
  WordPrediction,
} from "./inference/options.ts";
export { predictionLine } from "./inference/prediction-line.ts";
export { loadPredictor } from "./inference/predictor.ts";
export { type ReadRowsOptions, readRows } from "./inference/read-rows.ts";
export { type FineTuneResult, fineTune, fineTuneSeeds } from "./report/fine-tune.ts";
export { obtainReport, writeReport } from "./report/write-report.ts";
export { type ComparedRun, compareRuns, type RunComparison } from "./results/compare.ts";
export type { EvaluationFile } from "./results/evaluation-file.ts";
export type { ResultLine } from "./results/lines.ts";
export { type ExamineOptions, examineMachine, type MachineReport } from "./runtimes/doctor/examine.ts";
export { listRuntimes, type RuntimeReport, type RuntimeStatus } from "./runtimes/list-runtimes.ts";
export { type DataReport, type DataReportOf, formatReport } from "./text/data/report.ts";
export { dryRun } from "./training/dry-run/dry-run.ts";
export type { DryRunResult } from "./training/dry-run/result.ts";
export type { TrainingEvent } from "./training/events.ts";
export type { FineTuneSeedsOptions, FineTuneSeedsResult, SeedRun } from "./training/fine-tune-seeds.ts";
export type {
  DataInput,
  DataOptions,
  EntitiesRow,
  FineTuneOptions,
  ProblemType,
  QuestionRow,
  Row,
  TaskTag,
  TextRow,
  WordsRow,
} from "./training/options.ts";
export { withOptionsFile } from "./training/options-file.ts";
export { previewOptions } from "./training/preview-options.ts";
export type { Origin, ResolvedOption, ResolvedOptions } from "./training/resolve-options.ts";
export { type RunFile, readRunFile } from "./training/run-file.ts";
export { type VerifyOptions, type VerifyResult, verifyRun } from "./training/verify/verify-run.ts";
