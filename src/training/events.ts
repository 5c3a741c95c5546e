/** What training says while it runs. Every event is plain data; the command line and a page render the same ones. */
import type { MemoryPlan } from "./memory-plan.ts";
import type { TaskTag } from "./options.ts";

export type TrainingEvent =
  | { type: "model"; name: string; folder: string; from: "folder" | "cache" | "hub" | "wheel" }
  | { type: "runtime"; name: string; version: string; precision: "float32" | "bf16" }
  | { type: "download"; file: string; received: number; total?: number }
  | {
      type: "weights";
      /** Parameters of the model, how many of them the checkpoint had, which are new, and what it had beside them. */
      total: number;
      loaded: number;
      added: readonly string[];
      unused: readonly string[];
    }
  | {
      type: "data";
      split: "train" | "validation";
      task: TaskTag;
      /** The file, or `rows in memory`. */
      name: string;
      /** How the file was read, such as `tab-separated, text from column "sentence"`. */
      layout: string;
      /** Texts, sentences or questions. */
      rows: number;
      /** What the model reads of them: a long sentence or passage is several windows. */
      windows: number;
      /** Whether rows are pairs of texts. */
      pair: boolean;
      tokens: number;
      /** Rows longer than the maximum, which were cut. */
      truncated: number;
      /** Class labels in order; empty for regression. */
      labels: readonly string[];
      /** What a person should know of the data, a sentence each. */
      notes: readonly string[];
    }
  | { type: "recipe"; lines: readonly string[] }
  | ({ type: "memory" } & MemoryPlan)
  | {
      type: "step";
      step: number;
      totalSteps: number;
      /** Epochs done, with a fraction. */
      epoch: number;
      /** Mean loss of the step's rows. */
      loss: number;
      /** Global gradient norm before clipping. */
      gradientNorm: number;
      learningRate: number;
      /** Tokens a second since training began, without evaluations. */
      tokensPerSecond: number;
      secondsLeft: number;
    }
  /** Counted in windows: a text is one, a long sentence or a passage may be several. */
  | { type: "evaluating"; done: number; total: number }
  | {
      type: "evaluation";
      epoch: number;
      step: number;
      metrics: Readonly<Record<string, number>>;
      /** The metric that chooses the best weights, and the same metric of the trivial prediction. */
      metric: string;
      baseline: number;
      best: boolean;
    }
  /** A rule ended the run before its last step: the time limit, or a metric that no longer improved. */
  | { type: "stopped"; step: number; totalSteps: number; reason: "time" | "patience" }
  /** A checkpoint or the model is being written: to stop the process now would lose what came after the last one. */
  | { type: "saving"; step: number }
  /** It is whole; its folder, and the seconds that the run stood still for it. */
  | { type: "checkpoint"; step: number; folder: string; seconds: number }
  /** The run goes on after `step` steps, from a checkpoint. */
  | { type: "resumed"; step: number; folder: string }
  /** There is nothing to go on with: the run in this folder is done. */
  | { type: "finished"; folder: string }
  | { type: "saved"; folder: string }
  | { type: "warning"; message: string };

export type StepEvent = Extract<TrainingEvent, { type: "step" }>;
export type EvaluationEvent = Extract<TrainingEvent, { type: "evaluation" }>;
