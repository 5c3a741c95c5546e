/** Runs beside each other: options that differ, metrics, and how sure the difference of the chosen metric is. */
import { bootstrapIntervals, type Interval } from "../text/metrics/bootstrap.ts";
import { type RunFile, readRunFile } from "../training/run-file.ts";
import { UsageError } from "../util/errors.ts";
import type { RowMetrics } from "./line-kind.ts";
import { type RunResults, readResults, readRowMetrics } from "./read-results.ts";

export interface ComparedRun {
  folder: string;
  metrics: Record<string, number>;
  /** Of the metric that is compared, where the run has it. */
  interval?: Interval;
  /** The metric less that of the first run, paired by row; missing for the first run and where the rows are others. */
  difference?: Interval & { value: number };
}

export interface RunComparison {
  /** That of the first run. */
  metric: string;
  level: number;
  /** An option, and its value in each run; only those that are not the same in all. */
  options: { name: string; values: unknown[] }[];
  runs: ComparedRun[];
  /** Why a difference is missing, a sentence each. */
  notes: string[];
}

/** What is known of a run from its folder. */
interface KnownRun {
  readonly results: RunResults;
  readonly file: RunFile;
}

/** Throws `UsageError` for less than two folders, `InputError` for one that is no finished run with validation rows. */
export async function compareRuns(folders: readonly string[]): Promise<RunComparison> {
  if (folders.length < 2) throw new UsageError("compare needs two folders or more that train wrote.");
  const known: KnownRun[] = [];
  for (const folder of folders) {
    // First what every run has: a folder that is none is told as such.
    const file = await readRunFile(folder);
    known.push({ results: await readResults(folder), file });
  }
  const [first, ...others] = known;
  const { metric, bootstrap } = first.results.evaluation;
  const rows = await readRowMetrics(first.results);
  const runs: ComparedRun[] = [comparedRun(first, metric)];
  const notes: string[] = [];
  for (const other of others) {
    const problem = whyNotPaired(first, other);
    if (problem !== undefined) notes.push(problem);
    const difference =
      problem === undefined ? await differenceOf(rows, other.results, first.results) : undefined;
    runs.push({ ...comparedRun(other, metric), ...(difference && { difference }) });
  }
  return { metric, level: bootstrap.level, options: differentOptions(known), runs, notes };
}

function comparedRun({ results: { folder, evaluation } }: KnownRun, metric: string): ComparedRun {
  const { metrics, intervals } = evaluation;
  return { folder, metrics, ...(intervals[metric] && { interval: intervals[metric] }) };
}

async function differenceOf(
  rowsOfFirst: RowMetrics,
  other: RunResults,
  { evaluation: { metric, bootstrap, rows } }: RunResults,
): Promise<Interval & { value: number }> {
  const own = await readRowMetrics(other);
  const differenceAt = (weights?: Uint32Array) =>
    own.metrics(weights)[metric] - rowsOfFirst.metrics(weights)[metric];
  const { difference } = bootstrapIntervals((weights) => ({ difference: differenceAt(weights) }), {
    rows,
    ...bootstrap,
  });
  return { value: differenceAt(), ...difference };
}

/** What keeps the rows of two runs from being paired, a sentence for people. */
function whyNotPaired({ results: first, file: firstFile }: KnownRun, other: KnownRun): string | undefined {
  const { metric, rows } = first.evaluation;
  const { folder, task, evaluation } = other.results;
  const without = `${folder}: no difference to ${first.folder}`;
  if (task !== first.task) return `${without}, since one is for ${first.task}, the other for ${task}`;
  if (!Object.hasOwn(evaluation.metrics, metric)) return `${without}, since it has no ${metric}`;
  const sameFiles = ["validation", "validationTags"].every(
    (name) => firstFile.data[name]?.sha256 === other.file.data[name]?.sha256,
  );
  // Of one file, runs may have held out other rows.
  const sameSplit = ["validationSplit", "splitSeed", "fraction"].every(
    (name) => firstFile.options[name]?.value === other.file.options[name]?.value,
  );
  return sameFiles && sameSplit && evaluation.rows === rows
    ? undefined
    : `${without}, since it was measured on other rows`;
}

/** In the order in which they are met. */
function differentOptions(runs: readonly KnownRun[]): RunComparison["options"] {
  const names = new Set(runs.flatMap(({ file }) => Object.keys(file.options)));
  return [...names]
    .map((name) => ({ name, values: runs.map(({ file }) => file.options[name]?.value) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}
