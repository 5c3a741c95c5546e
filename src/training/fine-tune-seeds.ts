/** The same run with several seeds, one after the other: how much of a metric is chance. */
import { checkOutput } from "../files/output-folder.ts";
import { UsageError } from "../util/errors.ts";
import { checkOptions } from "./check-options.ts";
import { findBeginning } from "./checkpoints/beginning.ts";
import type { TrainingEvent } from "./events.ts";
import { fineTune } from "./fine-tune.ts";
import { isGreaterBetter } from "./metric-direction.ts";
import type { FineTuneOptions, FineTuneResult } from "./options.ts";
import { outputOptions } from "./save-model.ts";

export interface FineTuneSeedsOptions extends Omit<FineTuneOptions, "seed" | "onEvent"> {
  /** Two at least, each once; the run of seed N goes to `output/seed-N`. */
  seeds: readonly number[];
  /** `seed`: of the run that the event is of. */
  onEvent?: (event: TrainingEvent, seed: number) => void;
}

export interface SeedRun {
  seed: number;
  output?: string;
  metrics: Record<string, number>;
  seconds: number;
}

export interface FineTuneSeedsResult {
  task: FineTuneResult["task"];
  /** In the order of the seeds. */
  runs: SeedRun[];
  /** By metric: the mean over the runs, and their standard deviation (of a sample: n - 1). */
  metrics: Record<string, { mean: number; std: number }>;
  /** The metric that chose each run's weights, and the seed with the best value of it, the first of equals. */
  metric: string;
  best: number;
  seconds: number;
}

/**
 * `run` once a seed. Data and model are read anew for each, and all folders are checked before the first run. What
 * `validationSplit` holds out is the same for all of them. Throws as `run` does; runs that are done stay.
 */
export async function fineTuneSeeds(
  options: FineTuneSeedsOptions,
  run: (options: FineTuneOptions) => Promise<FineTuneResult> = fineTune,
): Promise<FineTuneSeedsResult> {
  const { seeds, output, onEvent, ...shared } = options;
  checkSeeds(options);
  const folderOf = (seed: number) => (output === undefined ? undefined : `${output}/seed-${seed}`);
  for (const seed of seeds) await checkRun({ ...shared, seed, output: folderOf(seed) });
  const results: FineTuneResult[] = [];
  for (const seed of seeds) {
    const listener = onEvent && ((event: TrainingEvent) => onEvent(event, seed));
    results.push(await run({ ...shared, seed, output: folderOf(seed), onEvent: listener }));
  }
  const runs = results.map(({ metrics, seconds }, i) => ({
    seed: seeds[i],
    output: folderOf(seeds[i]),
    ...{ metrics, seconds },
  }));
  const [{ task, metric = "" }] = results;
  return {
    ...{ task, runs, metrics: overRuns(runs), metric },
    best: bestSeed(runs, metric, options.greaterIsBetter),
    seconds: runs.reduce((sum, run) => sum + run.seconds, 0),
  };
}

/** What a run would be refused for at its start, before the ones that come first. */
async function checkRun(options: FineTuneOptions): Promise<void> {
  const { output, overwrite = false } = options;
  checkOptions(options);
  const { continues, result } = await findBeginning(options, () => {});
  if (output === undefined || result) return;
  await checkOutput(output, outputOptions(overwrite || continues));
}

function checkSeeds({ seeds, validation, validationSplit, resume }: FineTuneSeedsOptions): void {
  if (typeof resume === "string") {
    throw new UsageError("resume names the checkpoint of one run; with seeds it takes no folder.", [
      "resume",
      "seeds",
    ]);
  }

  if (seeds.length < 2 || new Set(seeds).size < seeds.length) {
    throw new UsageError(`seeds are ${seeds.join(", ")}, expected two at least, each once.`, ["seeds"]);
  }
  if (validation !== undefined || validationSplit !== undefined) return;
  const message = "seeds have no meaning without validation or validationSplit: nothing is measured.";
  throw new UsageError(message, ["seeds", "validation", "validationSplit"]);
}

function overRuns(runs: readonly SeedRun[]): FineTuneSeedsResult["metrics"] {
  const names = Object.keys(runs[0].metrics);
  return Object.fromEntries(names.map((name) => [name, spread(runs.map(({ metrics }) => metrics[name]))]));
}

function spread(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / (values.length - 1)) };
}

/** A run without a value, such as a correlation of equal predictions, is the best of none. */
function bestSeed(
  runs: readonly SeedRun[],
  metric: string,
  greaterIsBetter = isGreaterBetter(metric),
): number {
  const sign = greaterIsBetter ? 1 : -1;
  const rank = ({ metrics }: SeedRun) =>
    Number.isNaN(metrics[metric]) ? Number.NEGATIVE_INFINITY : sign * metrics[metric];
  return runs.reduce((best, run) => (rank(run) > rank(best) ? run : best)).seed;
}
