/** Steps and a part of an evaluation as the run does them, with a clock; the weights change as they would. */
import type { TaskData } from "../../tasks/task.ts";
import { TABLES } from "../embedding-tables.ts";
import { productOperations } from "../operations.ts";
import type { Run } from "../prepare.ts";
import type { Rounding } from "../rounding.ts";
import { scoringBatches } from "../scoring-batches.ts";
import type { Timing } from "./forecast.ts";
import { longestRows, type Sample, sampleJobs, sampleSteps } from "./sample.ts";

export interface Measured {
  readonly training: Timing;
  /** Of one evaluation. */
  readonly evaluation?: Timing;
}

/**
 * Takes three steps of the run, after one with its longest rows, which needs the most memory and is not timed; then
 * scores as many batches of the validation rows in the same way. `rounding` is the runtime's.
 */
export async function measureRun(run: Run, rounding: Rounding): Promise<Measured> {
  const training = await measureSteps(run, rounding);
  const evaluation = run.validation && (await measureScoring(run, run.validation, rounding));
  return { training, evaluation };
}

async function measureSteps(run: Run, rounding: Rounding): Promise<Timing> {
  const { train, step, signal, schedule, learningRate, batchSize } = run;
  const sample = sampleSteps(run, productOperations(run.programs.training), rounding);
  touchWords(run);
  let taken = 0;
  const take = async (micro: readonly Uint32Array[]) => {
    signal?.throwIfAborted();
    const place = { step: taken, learningRate: learningRate * schedule(taken) };
    await step.run(train, micro, place, run, signal);
    taken++;
  };
  await take([longestRows(train, batchSize)]);
  return time(sample, ({ micro }) => take(micro));
}

/** AdamW spares the rows of the word table that had no gradient yet: soon there are none of them among the data's. */
function touchWords({ store, train }: Run): void {
  const { marks } = store.get(TABLES.words);
  for (let row = 0; row < train.rows; row++) for (const id of train.inputIds(row)) marks[id] = 1;
}

async function measureScoring(
  { task, programs, signal }: Run,
  { data, scorer }: { data: TaskData } & Pick<NonNullable<Run["validation"]>, "scorer">,
  rounding: Rounding,
): Promise<Timing> {
  const { features } = data;
  const batches = [...scoringBatches(features, rounding)].map((rows) => [rows]);
  const sample = sampleJobs(features, batches, productOperations(programs.evaluation), rounding);
  const evaluation = task.evaluation(data);
  const score = async (rows: Uint32Array) => {
    signal?.throwIfAborted();
    await scorer.scoreBatch(features, rows, (row, logits) => evaluation.update(row, logits), signal);
  };
  await score(batches[0][0]);
  return time(sample, ({ micro: [rows] }) => score(rows));
}

/** Does each job twice: a runtime may take longer over sizes that it has not met. */
async function time(
  { jobs, work, shapes }: Sample,
  perform: (job: Sample["jobs"][number]) => Promise<void>,
): Promise<Timing> {
  const timed: Timing["jobs"][number][] = [];
  for (const job of jobs) {
    const first = await seconds(() => perform(job));
    timed.push({ work: job.work, first, again: await seconds(() => perform(job)) });
  }
  return { jobs: timed, work, shapes };
}

async function seconds(perform: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await perform();
  return (performance.now() - started) / 1000;
}
