/** The part of the public API that the command uses. Types only: loading it is the host's business. */
import type * as api from "../../node.ts";

export type Library = Pick<
  typeof api,
  | "compareRuns"
  | "dryRun"
  | "evaluate"
  | "examineMachine"
  | "fineTune"
  | "fineTuneSeeds"
  | "formatReport"
  | "installOpenVino"
  | "listRuntimes"
  | "obtainReport"
  | "predictionLine"
  | "previewOptions"
  | "readRows"
  | "verifyRun"
  | "withOptionsFile"
> & {
  /** The task is known when the command runs, not before. */
  inspectData(options: api.InspectOptions): Promise<api.DataReport>;
  /** What a model is for is known when it is loaded, not before. */
  loadPredictor(model: string, options?: api.PredictorOptions): Promise<api.Predictor>;
};

export type {
  ComparedRun,
  DataOptions,
  DryRunResult,
  EvaluateOptions,
  EvaluateResult,
  EvaluationFile,
  FineTuneOptions,
  FineTuneResult,
  FineTuneSeedsResult,
  InspectOptions,
  MachineReport,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorOptions,
  Row,
  RunComparison,
  RuntimeReport,
  TaskTag,
  TextRow,
  TrainingEvent,
  VerifyResult,
} from "../../node.ts";
