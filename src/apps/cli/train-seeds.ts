/** `train --seeds`: a run each, then every metric by seed, its mean and spread, and the seed that did best. */

import { formatNamedMetric, formatSeconds } from "../../util/format.ts";
import { StopNotes } from "./checkpoint-options.ts";
import { type Context, withProgress } from "./context.ts";
import type { FineTuneOptions, FineTuneSeedsResult } from "./library.ts";
import type { ProgressMode } from "./options.ts";

type SeedsFlags = Omit<FineTuneOptions, "seed" | "onEvent" | "signal"> & { seeds: readonly number[] };

export async function trainSeeds(
  options: SeedsFlags,
  { mode, json }: { mode: ProgressMode; json: boolean },
  context: Context,
): Promise<void> {
  const { seeds } = options;
  const { host, argv, output } = context;
  let stop = new StopNotes(host);
  const runs = withProgress(context, mode, async (progress) => {
    const { fineTuneSeeds } = await host.loadLibrary();
    let current: number | undefined;
    return fineTuneSeeds({
      ...options,
      signal: host.signal,
      onEvent: (event, seed) => {
        if (seed !== current) {
          progress.show({ type: "seed", seed, run: seeds.indexOf(seed) + 1, runs: seeds.length });
          stop = new StopNotes(host);
        }
        current = seed;
        stop.note(event);
        progress.show(event);
      },
    });
  });
  const result = await runs.catch((error: unknown) => {
    throw stop.explain(error, argv);
  });
  await output.write(json ? `${JSON.stringify(seedsJson(result))}\n` : summarizeSeeds(result));
}

function seedsJson({ runs, best, seconds, ...result }: FineTuneSeedsResult): object {
  const rounded = runs.map((run) => ({ ...run, seconds: round(run.seconds) }));
  return { ...result, runs: rounded, best: bestOf({ runs, best }), seconds: round(seconds) };
}

function bestOf({ runs, best }: Pick<FineTuneSeedsResult, "runs" | "best">): {
  seed: number;
  output?: string;
} {
  return { seed: best, output: runs.find(({ seed }) => seed === best)?.output };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function summarizeSeeds(result: FineTuneSeedsResult): string {
  const { runs, metrics, metric, best, seconds } = result;
  const names = [metric, ...Object.keys(metrics).filter((name) => name !== metric)];
  const row = (title: string, values: Readonly<Record<string, number>>) => [
    title,
    ...names.map((name) => formatNamedMetric(name, values[name])),
  ];
  const over = (key: "mean" | "std") => Object.fromEntries(names.map((name) => [name, metrics[name][key]]));
  const rows = [
    ["seed", ...names],
    ...runs.map((run) => row(String(run.seed), run.metrics)),
    row("mean", over("mean")),
    row("std", over("std")),
  ];
  const { output } = bestOf(result);
  return [
    "",
    ...table(rows),
    "",
    `Best by ${metric}: seed ${best}${output === undefined ? "" : `, in ${output}`} (${runs.length} runs, ${formatSeconds(seconds)})`,
    "",
  ].join("\n");
}

/** Columns two spaces apart, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join("  ")
      .trimEnd(),
  );
}
