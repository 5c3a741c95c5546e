/** From the times of a few steps to those of a run. */

/** The least and the most to expect. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A few jobs with their times, and what all jobs are. */
export interface Timing {
  /** Seconds when the runtime meets a job's sizes first, and when it meets them again. */
  readonly jobs: readonly { readonly work: number; readonly first: number; readonly again: number }[];
  /** Of all jobs together, in the unit of theirs. */
  readonly work: number;
  /** How many different sizes they have. */
  readonly shapes: number;
}

/** What else a machine does, and how warm it is, changes a run's time by as much: equal runs differed by 15 %. */
const LEAST_SPREAD = 0.2;

/**
 * Seconds of all jobs, `times` over: each unit of work takes as long as in those that were timed, and each size that
 * is met first takes what it took longer there. How far the timed ones differ among each other is the range.
 */
export function forecast({ jobs, work, shapes }: Timing, times = 1): Range {
  const sum = (value: (job: Timing["jobs"][number]) => number) =>
    jobs.reduce((total, job) => total + value(job), 0);
  const pace = sum(({ again }) => again) / sum((job) => job.work);
  const paces = jobs.map((job) => job.again / job.work / pace);
  const spread = Math.max(LEAST_SPREAD, (Math.max(...paces) - Math.min(...paces)) / 2);
  const firsts =
    (shapes *
      Math.max(
        0,
        sum(({ first, again }) => first - again),
      )) /
    jobs.length;
  const expected = times * work * pace + firsts;
  return { low: expected * Math.max(0, 1 - spread), high: expected * (1 + spread) };
}

export function addRanges(ranges: readonly Range[]): Range {
  return ranges.reduce((a, b) => ({ low: a.low + b.low, high: a.high + b.high }), { low: 0, high: 0 });
}

/** A time limit ends the run after the step that it passes in, with an evaluation. */
export function limited({ low, high }: Range, limit: number, beyond: Range): Range {
  return { low: Math.min(low, limit), high: Math.min(high, limit + beyond.high) };
}
