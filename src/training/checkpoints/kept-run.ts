/** The part of a run that outlives its process: where it goes on, and the checkpoints that it leaves on its way. */
import type { LoopOptions } from "../loop.ts";
import { hasEarlierBest } from "../loop-state.ts";
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
  if (found) {
    await loadCheckpoint(found, store, run.bestCopy);
    emit({ type: "resumed", step, folder: found.folder });
  }
  const rule = checkpointRule(options, run);
  const checkpoints: LoopOptions["checkpoints"] = rule && {
    every: rule.every,
    save: (state) => {
      // The best weights that are those of this step are in the checkpoint already.
      const best = hasEarlierBest(state) ? run.bestCopy.tensors() : undefined;
      return folder.write(store, { state, best, ground }, { limit: rule.limit, emit });
    },
  };
  return {
    loop: { start: found?.state, checkpoints },
    finish: () => folder.remove(),
    settle: () => folder.settle(),
  };
}

/** Steps from one checkpoint to the next, and how many of them stay; undefined where there are none. */
export function checkpointRule(
  { saveStrategy, saveSteps, saveTotalLimit = 1, evalSteps }: FineTuneOptions,
  run: Pick<LoopOptions, "train" | "batchSize" | "accumulation">,
): { every: number; limit: number } | undefined {
  if (saveStrategy === "no") return undefined;
  const every = saveSteps ?? evalSteps ?? stepsPerEpoch({ ...run, rows: run.train.rows });
  return { every, limit: saveTotalLimit };
}

interface RunToKeep extends Pick<Beginning, "found"> {
  readonly options: FineTuneOptions;
  readonly run: LoopOptions;
  readonly ground: Ground;
}
