/** A run that is tried and not done: all data read, the model loaded, a few steps taken, and nothing written. */
import { peakMemory } from "../../files/machine.ts";
import { examinePlace } from "../../files/place.ts";
import { UsageError } from "../../util/errors.ts";
import { checkpointRule } from "../checkpoints/kept-run.ts";
import type { FineTuneOptions } from "../options.ts";
import type { Run } from "../prepare.ts";
import { roundingFor } from "../rounding.ts";
import { stepsPerEpoch } from "../sampler.ts";
import { dataEvent } from "../setup.ts";
import { withRun } from "../with-run.ts";
import { addRanges, forecast, limited, type Range } from "./forecast.ts";
import { type Measured, measureRun } from "./measure.ts";
import type { DryRunResult } from "./result.ts";

/**
 * What `fineTune` would do with these options, from the times of three of its steps and a part of an evaluation, and
 * from the memory that its largest batch took. Writes nothing but downloads to the cache, not even the output folder.
 * Throws as `fineTune` does before its first step.
 */
export async function dryRun(options: FineTuneOptions): Promise<DryRunResult> {
  const started = performance.now();
  const { task, output } = options;
  if (options.resume) {
    throw new UsageError("resume has no meaning in a dry run, which tries the whole run; leave it out.", [
      "resume",
    ]);
  }
  return withRun(options, async ({ run, sources, runtime }) => {
    const preparation = (performance.now() - started) / 1000;
    const measured = await measureRun(run, roundingFor(runtime));
    const memory = { ...run.memory, measured: peakMemory() };
    const { written, ...disk } = disksUse(options, run);
    return {
      task,
      train: dataEvent("train", task, sources.train),
      validation: sources.validation && dataEvent("validation", task, sources.validation),
      recipe: run.lines,
      steps: run.totalSteps,
      ...timesOf(run, measured, preparation, written),
      memory,
      disk: { ...disk, free: output === undefined ? undefined : (await examinePlace(output)).free },
      baseline: run.validation && { metric: run.validation.metric, value: run.validation.baseline },
    };
  });
}

/** Bytes: of the model, of checkpoints at their most, and what is written in all. */
function disksUse(
  options: FineTuneOptions,
  run: Run,
): { model: number; checkpoints: number; written: number } {
  const model = run.store.parameters.reduce((sum, { weight }) => sum + weight.byteLength, 0);
  if (options.output === undefined) return { model, checkpoints: 0, written: 0 };
  const rule = checkpointRule(options, run);
  // Weights, two moments, and the best weights where those are others. The next one is there before the oldest goes.
  const one = model * (run.keepsBest ? 4 : 3);
  const count = rule ? Math.floor((run.totalSteps - 1) / rule.every) : 0;
  const most = Math.min(count, (rule?.limit ?? 0) + 1);
  return { model, checkpoints: most * one, written: count * one + model };
}

const NOTHING: Range = { low: 0, high: 0 };
/** Bytes a second that are written and flushed. */
const FAST_DISK = 1e9;
const SLOW_DISK = 2e8;

function timesOf(
  run: Run,
  measured: Measured,
  preparation: number,
  written: number,
): Pick<DryRunResult, "evaluations" | "mayEndEarlier" | "seconds"> {
  const evaluations = measured.evaluation ? countEvaluations(run) : 0;
  const training = forecast(measured.training);
  const evaluation = measured.evaluation ? forecast(measured.evaluation, evaluations) : NOTHING;
  const saving = { low: written / FAST_DISK, high: written / SLOW_DISK };
  const loop = addRanges([training, evaluation]);
  const last = measured.evaluation ? forecast(measured.evaluation) : NOTHING;
  const inTime = run.timeLimit === undefined ? loop : limited(loop, run.timeLimit, last);
  const total = addRanges([{ low: preparation, high: preparation }, inTime, saving]);
  return {
    evaluations,
    mayEndEarlier: run.earlyStopping !== undefined || inTime.high < loop.high,
    seconds: { preparation, training, evaluation, saving, total },
  };
}

/** One each so many steps, and one at the end. */
function countEvaluations({ train, batchSize, accumulation, totalSteps, evalSteps }: Run): number {
  const every = evalSteps ?? stepsPerEpoch({ rows: train.rows, batchSize, accumulation });
  return Math.floor((totalSteps - 1) / every) + 1;
}
