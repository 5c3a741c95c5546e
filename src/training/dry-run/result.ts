/** What a dry run finds: what a run would read, take and have to beat. */
import type { TrainingEvent } from "../events.ts";
import type { MemoryPlan } from "../memory-plan.ts";
import type { TaskTag } from "../options.ts";
import type { Range } from "./forecast.ts";

type DataEvent = Extract<TrainingEvent, { type: "data" }>;

export interface DryRunResult {
  task: TaskTag;
  train: DataEvent;
  validation?: DataEvent;
  /** What was chosen and why, a line each. */
  recipe: readonly string[];
  /** Optimizer steps, and evaluations of the validation rows. */
  steps: number;
  evaluations: number;
  /** Whether a rule may end the run before its last step: the seconds are those of all steps. */
  mayEndEarlier: boolean;
  seconds: {
    /** Reading the data, loading the model: as it was. */
    preparation: number;
    training: Range;
    /** All evaluations together. */
    evaluation: Range;
    /** Writing checkpoints and the model, from a fast disk to a slow one. */
    saving: Range;
    total: Range;
  };
  memory: MemoryPlan & {
    /** The most that the process took, the largest batch included. */
    measured: number;
  };
  /** Of the output folder. The copy of the best weights is elsewhere: in `TMPDIR`, else beside the cache of models. */
  disk: {
    /** Bytes of the model's weights. */
    model: number;
    /** Bytes of checkpoints at most, while the run goes on; 0 where none are written. */
    checkpoints: number;
    /** What is free where they go; absent where nothing is written, or the system does not say. */
    free?: number;
  };
  /** What the same answer for every row scores by the metric that chooses the weights; absent without validation. */
  baseline?: { metric: string; value: number };
}
