/** What else is written to the folder of a run, by those who know more than training does: predictions, the report. */
import type { FineTuneOptions } from "./options.ts";
import type { Run } from "./prepare.ts";
import type { Sources } from "./setup.ts";

/** A run whose kept weights are in place and in the folder; its rows and sessions are still open. */
export interface KeptRun {
  readonly folder: string;
  readonly options: FineTuneOptions;
  readonly sources: Sources;
  readonly run: Run;
  /** Of the kept weights; empty where they were not evaluated. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Each is awaited; an error in one is the run's. Without an output folder none is called. */
export interface RunHooks {
  /** After an evaluation, whose lines are in metrics.jsonl and results.csv. */
  evaluated?(folder: string): Promise<void>;
  /** After training, the model is saved. */
  kept?(run: KeptRun): Promise<void>;
  /** At the very end, also of a run that was stopped or failed after its first step. */
  ended?(folder: string): Promise<void>;
}
