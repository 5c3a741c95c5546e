/** Where a run begins: at its first step, after a checkpoint, or not at all, since it is done. */
import { lockFolder } from "../../files/folder-lock.ts";
import { readJson, TEXT_LIMITS } from "../../files/model-folder.ts";
import { removeAbandoned } from "../../files/temporary-files.ts";
import { InputError } from "../../util/errors.ts";
import type { TrainingEvent } from "../events.ts";
import type { FineTuneOptions, FineTuneResult } from "../options.ts";
import { RUN_FILE, type RunFile, readRunFile } from "../run-file.ts";
import { OUTPUT_FILES } from "../save-model.ts";
import { type CheckpointContent, readCheckpoint } from "./checkpoint.ts";
import { CheckpointFolder, latestCheckpoint, namesIn } from "./checkpoint-folder.ts";
import { driftBetween, driftError, type Ground, groundOf } from "./drift.ts";

export interface Beginning {
  /** The checkpoint to go on from; undefined: the first step. */
  readonly found?: CheckpointContent<Ground>;
  /** Whether `output` has the rest of a run that this one goes on with. */
  readonly continues: boolean;
  /** The result of a run that is done. */
  readonly result?: FineTuneResult;
}

type Emit = (event: TrainingEvent) => void;

/**
 * Looks at `output` before anything is opened. Throws `InputError` where an unfinished run is there and nothing says what
 * is to become of it, and for a checkpoint that is named and cannot be used.
 */
export async function findBeginning(options: FineTuneOptions, emit: Emit): Promise<Beginning> {
  const { output, resume = false, overwrite = false } = options;
  if (output === undefined) return { continues: false };
  const status = await statusOf(output);
  if (status === "unfinished") await checkFree(output);
  if (typeof resume === "string") {
    return { continues: status === "unfinished", found: await readCheckpoint<Ground>(resume) };
  }
  if (status === "unfinished" && resume) {
    return { continues: true, found: await latestCheckpoint<Ground>(output, emit) };
  }
  if (status === "unfinished" && !overwrite) {
    throw new InputError(
      `--output ${output}: a run is there that did not come to its end.\nGo on with it with --resume, or begin anew with --overwrite.`,
    );
  }
  if (status !== "finished" || !resume) return { continues: false };
  await tidy(output);
  emit({ type: "finished", folder: output });
  return { continues: true, result: await resultOf(output, options) };
}

/**
 * `record` of a run that is about to begin as run.json of one that goes on. Throws `UsageError` where that stands on
 * another ground than before, which is not allowed.
 */
export async function resumedRecord(
  record: RunFile,
  { found, continues }: Beginning,
  { output, allowDrift = false }: FineTuneOptions,
): Promise<RunFile> {
  if (!found) return record;
  const drift = driftBetween(found.ground, groundOf(record));
  if (drift.length > 0 && !allowDrift) throw driftError(found.folder, drift);
  const before = continues && output !== undefined ? await readRunFile(output) : undefined;
  const all = [...(before?.drift ?? []), ...drift];
  return {
    ...record,
    started: before?.started ?? record.started,
    resumed_from: [...(before?.resumed_from ?? []), found.state.step],
    ...(all.length > 0 && { drift: all }),
  };
}

/** Removes what a process left that was killed between the end of its run and its own. */
async function tidy(output: string): Promise<void> {
  await checkFree(output);
  await removeAbandoned(output, new Set(OUTPUT_FILES));
  const checkpoints = await CheckpointFolder.open(output, 0);
  await checkpoints.remove();
}

/** Throws `InputError` while a process is at work there. */
async function checkFree(output: string): Promise<void> {
  const unlock = await lockFolder(output);
  await unlock();
}

/** Of the run that wrote to the folder; undefined where none did. */
async function statusOf(output: string): Promise<"finished" | "unfinished" | undefined> {
  if (!(await namesIn(output)).includes(RUN_FILE)) return undefined;
  const { status } = await readRunFile(output);
  return status === "finished" ? "finished" : "unfinished";
}

/** The metrics as they were saved; it took no time to find them. */
async function resultOf(output: string, { task }: FineTuneOptions): Promise<FineTuneResult> {
  const results = await readJson(output, "all_results.json", TEXT_LIMITS.config);
  const metrics = Object.entries(results).flatMap(([name, value]) =>
    name.startsWith("eval_") ? [[name.slice("eval_".length), Number(value ?? Number.NaN)] as const] : [],
  );
  const { options } = await readRunFile(output);
  const metric = options.metricForBestModel?.value as string | undefined;
  const nothing = { seconds: 0, tokensPerSecond: 0, peakMemoryMb: 0, plannedMemoryMb: 0 };
  return { output, task, metrics: Object.fromEntries(metrics), metric, ...nothing };
}
