/** The part of a run that outlives its process: where it goes on, and the checkpoints that it leaves on its way. */
import type { LoopOptions } from "../loop.ts";
import type { FineTuneOptions } from "../options.ts";
import { stepsPerEpoch } from "../sampler.ts";
import type { Beginning } from "./beginning.ts";
import { loadCheckpoint } from "./checkpoint.ts";
import { CheckpointFolder } from "./checkpoint-folder.ts";
import type { Ground } from "./drift.ts";

export interface KeptRun {
  /** What the loop needs to begin where the run is, and to save. */
  readonly loop: Pick<LoopOptions, "start" | "checkpoints">;
  /** Removes the checkpoints, once the model is saved. */
  finish(): Promise<void>;
  /** When nothing is done in the folder any more, however the loop ended. */
  settle(): Promise<void>;
}

/** Loads the checkpoint that the run goes on from, if it does. The folder `output` is this process's alone. */
export async function keepRun(output: string, { options, run, found, ground }: RunToKeep): Promise<KeptRun> {
  const { store, emit } = run;
  const step = found?.state.step ?? 0;
  const folder = await CheckpointFolder.open(output, step);
  const start = found && { state: found.state, best: await loadCheckpoint(found, store) };
  if (found) emit({ type: "resumed", step, folder: found.folder });
  const limit = options.saveTotalLimit ?? 1;
  const checkpoints: LoopOptions["checkpoints"] = {
    every: options.saveSteps ?? options.evalSteps ?? stepsPerEpoch({ ...run, rows: run.train.rows }),
    save: (state, best) => folder.write(store, { state, best, ground }, { limit, emit }),
  };
  return {
    loop: { start, checkpoints: options.saveStrategy === "no" ? undefined : checkpoints },
    finish: () => folder.remove(),
    settle: () => folder.settle(),
  };
}

interface RunToKeep extends Pick<Beginning, "found"> {
  readonly options: FineTuneOptions;
  readonly run: LoopOptions;
  readonly ground: Ground;
}
