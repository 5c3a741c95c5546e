/**
 * The suite `power`: a run is recorded down to each write, flush and rename; power is cut after each of them, and every
 * state that the disk may then be in has the old or the new checkpoint, or the model, to the bit.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withDisk } from "../../internals.ts";
import { DiskLog, type DiskOp } from "./disk-log.ts";
import { writeState } from "./disk-state.ts";
import { expectSame } from "./expect-same.ts";
import { hashesOf } from "./hashes.ts";
import type { TrainingEvent } from "./library.ts";
import { powerCuts } from "./power-cut.ts";
import { findCheckpoint, isFinished, modelOf, Subject } from "./subject.ts";
import type { Suite, SuiteContext } from "./suite.ts";
import { writeTinyModel } from "./tiny-model.ts";

/** Of so many states one is gone on from to the end of the run. */
const RESUMED = 100;
/** Of so many ops one is cut after, for a look in seconds. */
const QUICK = 113;

export const powerSuite: Suite = {
  about: "power is cut after every write, flush and rename; each state of the disk has a whole checkpoint",
  async run(context) {
    const subject = new Subject(writeTinyModel(join(context.folder, "model")));
    const record = await recordRun(subject, join(context.folder, "recorded"));
    context.note(`${record.ops.length} writes, flushes and changes of names recorded.`);
    return tryPowerCuts(record, subject, context);
  },
};

/** A run that came to its end, with all that it did and left. */
export interface RecordedRun {
  /** With a mark for each checkpoint that was done, its step, and one for the model. */
  readonly ops: readonly DiskOp[];
  readonly checkpoints: ReadonlyMap<number, Readonly<Record<string, string>>>;
  readonly model: Readonly<Record<string, string>>;
}

/** In the folder that is recorded. */
const OUTPUT = "run";
const SAVED = "saved";

export async function recordRun(subject: Subject, folder: string): Promise<RecordedRun> {
  mkdirSync(folder);
  const output = join(folder, OUTPUT);
  const log = new DiskLog(folder);
  const checkpoints = new Map<number, Readonly<Record<string, string>>>();
  const onEvent = (event: TrainingEvent) => {
    if (event.type === "saved") log.mark(SAVED);
    if (event.type !== "checkpoint") return;
    log.mark(String(event.step));
    checkpoints.set(event.step, hashesOf(event.folder));
  };
  await withDisk(log.disk, () => subject.run(output, { onEvent }));
  return { ops: log.ops, checkpoints, model: modelOf(output) };
}

/** Throws where a state lacks what the run was told is on the disk; returns how many states there were. */
export async function tryPowerCuts(
  record: RecordedRun,
  subject: Subject,
  { folder, seed, quick }: Pick<SuiteContext, "folder" | "seed" | "quick">,
): Promise<number> {
  let count = 0;
  for (const { made, state } of powerCuts(record.ops, { seed, every: quick ? QUICK : 1 })) {
    const root = join(folder, "state");
    const output = join(root, OUTPUT);
    writeState(state, root);
    await judge(output, made, record);
    if (count % RESUMED === 0) {
      await subject.run(output);
      expectSame("the model of a run that goes on", modelOf(output), record.model);
    }
    // A cut before the first flush may leave nothing at all.
    rmSync(root, { recursive: true, force: true });
    count++;
  }
  return count;
}

/** What the process was told is on the disk is there, and nothing is there by half. */
async function judge(output: string, made: readonly DiskOp[], record: RecordedRun): Promise<void> {
  const where = `power cut after ${made.length} of ${record.ops.length} ops`;
  const marks = made.flatMap((op) => (op.type === "mark" ? [op.name] : []));
  const finished = isFinished(output);
  if (marks.includes(SAVED) || finished || existsSync(join(output, "config.json"))) {
    expectSame(`${where}: the model`, modelOf(output), record.model);
  }
  const { found, warnings } = await findCheckpoint(output);
  expectSame(`${where}: what is said of damaged checkpoints`, warnings, []);
  if (found) expectSame(`${where}: step ${found.step}`, found.files, record.checkpoints.get(found.step));
  const promised = Math.max(0, ...marks.filter((mark) => mark !== SAVED).map(Number));
  if (!finished && (found?.step ?? 0) < promised) {
    throw new Error(`${where}: step ${promised} was saved, and ${found?.step ?? "no checkpoint"} is found`);
  }
}
