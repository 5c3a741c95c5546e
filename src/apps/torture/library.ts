/** The part of the public API that the suites use. */
export {
  type FineTuneOptions,
  type FineTuneResult,
  fineTune,
  type Row,
  type TrainingEvent,
} from "../../node.ts";
