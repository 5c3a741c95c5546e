/**
 * Tries on a run's own model, data and machine what docs/reliability.md promises: a stretch of it is run straight, and
 * stopped and resumed, and both must have the same bits; gradients are what the loss does; and the model folder that a
 * checkpoint makes is that checkpoint.
 */
import type { Precision } from "../../engine/runtime/session.ts";
import { withWorkFolder } from "../../files/temporary-files.ts";
import { InputError } from "../../util/errors.ts";
import { CHECKPOINTS } from "../checkpoints/checkpoint-folder.ts";
import { driftBetween, groundOf } from "../checkpoints/drift.ts";
import type { TrainingEvent } from "../events.ts";
import { fineTune } from "../fine-tune.ts";
import type { FineTuneOptions } from "../options.ts";
import { type RunDrift, type RunFile, readRunFile } from "../run-file.ts";
import { withRun } from "../with-run.ts";
import { checkExport, type ExportReport } from "./check-export.ts";
import { checkGradients, type GradientReport } from "./check-gradients.ts";
import { type Comparison, compareCheckpoints } from "./compare-checkpoints.ts";

export interface VerifyOptions {
  /** The output folder of a run: its `run.json` says what is run again. */
  run: string;
  /** Steps of the stretch, at most those of the run but one. Default 6. */
  steps?: number;
  signal?: AbortSignal;
  onEvent?: (event: TrainingEvent) => void;
}

export interface VerifyResult extends Comparison {
  /** Steps that were run straight, and the one after which the other run was stopped and resumed. */
  readonly steps: number;
  readonly stoppedAfter: number;
  readonly gradients: GradientReport;
  readonly export: ExportReport;
  /** In what this machine, the data and the version differ from those of the run. */
  readonly drift: readonly RunDrift[];
}

/** Throws `InputError` where the run cannot be run again: no `run.json`, rows that were in memory, a single step. */
export async function verifyRun(options: VerifyOptions): Promise<VerifyResult> {
  const { run, steps = 6 } = options;
  const record = await readRunFile(run);
  const again = { ...optionsOf(record, run), signal: options.signal, onEvent: options.onEvent };
  return withWorkFolder(`${run}/verify`, async (work) => {
    const [straight, stopped] = ["straight", "stopped"].map((name) => `${work}/${name}`);
    const last = await stretch({ ...again, output: straight }, steps);
    if (last < 2) throw new InputError(`${run}: a run of so few steps cannot be stopped between two.`);
    // What `auto` was in the first run it is in all.
    const begun = await readRunFile(straight);
    const same = { ...again, precision: begun.versions.precision as Precision };
    const stoppedAfter = await stretch({ ...same, output: stopped }, Math.floor(last / 2));
    await stretch({ ...same, output: stopped, resume: true }, last);
    const [one, other] = [straight, stopped].map((folder) => `${folder}/${CHECKPOINTS}/step-${last}`);
    const compared = await compareCheckpoints(one, other);
    const drift = driftBetween(groundOf(record), groundOf(begun));
    // Of the model that the run made, where it has; in bf16 no loss is exact enough to be compared.
    const model = record.status === "finished" ? run : again.model;
    const gradients = await gradientsOf({ ...again, model, precision: "float32" });
    const exported = await checkExport(same, one, `${work}/exported`);
    return { ...compared, steps: last, stoppedAfter, gradients, export: exported, drift };
  });
}

/** Rows of the batch whose loss is compared: its time is that of some 200 steps. */
const ROWS = 4;

function gradientsOf(options: FineTuneOptions): Promise<GradientReport> {
  return withRun(options, ({ run, sources }) => {
    const { features } = sources.train;
    const rows = Array.from({ length: Math.min(ROWS, features.rows) }, (_, row) => row);
    return checkGradients(run, features, rows, options.signal);
  });
}

/** Trains until `steps` steps are done, or all but one; returns the step of the checkpoint that is left. */
async function stretch(options: FineTuneOptions, steps: number): Promise<number> {
  const controller = new AbortController();
  const outer = options.signal;
  let saved = 0;
  const run = fineTune({
    ...options,
    // No checkpoint but that of the stop.
    saveStrategy: "steps",
    saveSteps: Number.MAX_SAFE_INTEGER,
    timeLimit: undefined,
    signal: outer ? AbortSignal.any([outer, controller.signal]) : controller.signal,
    onEvent: (event) => {
      options.onEvent?.(event);
      if (event.type === "checkpoint") saved = event.step;
      if (event.type === "step" && event.step === Math.min(steps, event.totalSteps - 1)) controller.abort();
    },
  });
  await run.catch((error: unknown) => {
    if (outer?.aborted || error !== controller.signal.reason) throw error;
  });
  return saved;
}

/** What the run was asked for, with what was chosen for the rest. */
function optionsOf({ options }: RunFile, run: string): FineTuneOptions {
  const values = Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, value]));
  if (typeof values.train !== "string") {
    throw new InputError(
      `${run}: its rows were in memory, and are not there any more.\nVerify a run that read them from files.`,
    );
  }
  return values as unknown as FineTuneOptions;
}
