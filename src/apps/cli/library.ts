/** The part of the public API that the command uses. Types only: loading it is the host's business. */
import type * as api from "../../node.ts";

export type Library = Pick<
  typeof api,
  "evaluate" | "fineTune" | "formatReport" | "inspectData" | "loadPredictor" | "readRows"
>;

export type {
  DataOptions,
  EvaluateOptions,
  EvaluateResult,
  FineTuneOptions,
  FineTuneResult,
  InspectOptions,
  Prediction,
  Predictor,
  Row,
  TrainingEvent,
} from "../../node.ts";
