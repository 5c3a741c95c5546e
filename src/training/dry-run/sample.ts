/** Which batches stand for a run: one of each third of them by their work, and the largest that there can be. */
import type { Features } from "../../tasks/features.ts";
import { batchSizes, type Sizes } from "../batch.ts";
import type { Run } from "../prepare.ts";
import type { Rounding } from "../rounding.ts";
import { stepRows } from "../sampler.ts";

/** A step of the run or a batch of an evaluation: its rows, in micro-batches, and how much work they are. */
export interface Job {
  readonly micro: readonly Uint32Array[];
  readonly work: number;
}

/** Jobs that stand for many, and the many in numbers. */
export interface Sample {
  readonly jobs: readonly Job[];
  /** Of all jobs together. */
  readonly work: number;
  /** How many different sizes their batches have. */
  readonly shapes: number;
}

/** So many steps show how a run's batches are. */
const STEPS_LOOKED_AT = 20_000;
const THIRDS = 3;

type Work = (sizes: Sizes) => number;

/** Steps as the run will have them, in its own order. */
export function sampleSteps(run: Run, work: Work, rounding: Rounding): Sample {
  const { train, batchSize, accumulation, seed, groupByLength, totalSteps } = run;
  const lengthOf = groupByLength ? (row: number) => train.length(row) : undefined;
  const steps = stepRows({ rows: train.rows, batchSize, accumulation, seed, lengthOf });
  const looked = Math.min(totalSteps, STEPS_LOOKED_AT);
  const micro = Array.from({ length: looked }, () => steps.next().value ?? []);
  const sample = sampleJobs(train, micro, work, rounding);
  return { ...sample, work: (sample.work * totalSteps) / looked };
}

/** `jobs`: the rows of each, in micro-batches. */
export function sampleJobs(
  features: Features,
  jobs: readonly (readonly Uint32Array[])[],
  work: Work,
  rounding: Rounding,
): Sample {
  const shapes = new Set<string>();
  const sized = jobs.map((micro) => {
    const sizes = micro.map((rows) => batchSizes(features, rows, rounding));
    for (const { B, S, T, G } of sizes) shapes.add(`${B} ${S} ${T} ${G}`);
    return { micro, work: sizes.reduce((sum, one) => sum + work(one), 0) };
  });
  const total = sized.reduce((sum, job) => sum + job.work, 0);
  return { jobs: middlesOfThirds(sized), work: total, shapes: shapes.size };
}

/** The job in the middle of each third, by work. */
function middlesOfThirds(jobs: readonly Job[]): Job[] {
  const ordered = [...jobs].sort((a, b) => a.work - b.work);
  const places = Array.from({ length: THIRDS }, (_, i) => Math.floor(((i + 0.5) / THIRDS) * ordered.length));
  return [...new Set(places)].map((place) => ordered[place]);
}

/** The rows of the batch that takes the most memory: the longest. */
export function longestRows(features: Features, count: number): Uint32Array {
  const rows = Uint32Array.from({ length: features.rows }, (_, row) => row);
  return rows.sort((a, b) => features.length(b) - features.length(a) || a - b).subarray(0, count);
}
