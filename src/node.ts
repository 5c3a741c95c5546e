/** The package in Node: everything of `index.ts`, and what needs files, native runtimes and the network. */
export * from "./index.ts";
export { evaluate } from "./inference/evaluate.ts";
export { inspectData } from "./inference/inspect.ts";
export type {
  EvaluateOptions,
  EvaluateResult,
  InspectOptions,
  LabelScore,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorOptions,
} from "./inference/options.ts";
export { loadPredictor } from "./inference/predictor.ts";
export { readRows } from "./inference/read-rows.ts";
export type { DataReport } from "./text/data/inspect.ts";
export { formatReport } from "./text/data/report.ts";
export type { TrainingEvent } from "./training/events.ts";
export { fineTune } from "./training/fine-tune.ts";
export type {
  DataInput,
  DataOptions,
  FineTuneOptions,
  FineTuneResult,
  ProblemType,
  Row,
} from "./training/options.ts";
