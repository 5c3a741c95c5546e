/** `bertwright compare`: runs beside each other. */
import { Argument, type Command } from "commander";
import { formatMetric, formatNamedMetric } from "../../../util/format.ts";
import type { Context } from "../context.ts";
import type { ComparedRun, RunComparison } from "../library.ts";
import { addGroup, jsonOption } from "../options.ts";

export function addCompare(program: Command, context: Context): void {
  const command = program
    .command("compare")
    .description("say how runs differ: their options, their metrics, and how sure the difference is")
    .addArgument(new Argument("<folders...>", "what train wrote, the run to compare with first"));
  addGroup(command, "Output:", [
    jsonOption("one JSON object on stdout: metric, level, options, runs, notes"),
  ]);
  command.action((folders: string[], flags: { json?: boolean }) => compare(folders, flags, context));
}

async function compare(
  folders: readonly string[],
  { json = false }: { json?: boolean },
  { host, output }: Context,
): Promise<void> {
  const { compareRuns } = await host.loadLibrary();
  const comparison = await compareRuns(folders);
  await output.write(json ? `${JSON.stringify(comparison)}\n` : describe(comparison));
}

function describe({ metric, level, options, runs, notes }: RunComparison): string {
  const names = ["", ...runs.map(({ folder }) => folder)];
  const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))];
  const chosenFirst = [metric, ...metrics.filter((name) => name !== metric)];
  const metricRows = chosenFirst.map((name) => [
    name,
    ...runs.map((run) =>
      Object.hasOwn(run.metrics, name) ? formatNamedMetric(name, run.metrics[name]) : "",
    ),
  ]);
  const optionRows = options.map(({ name, values }) => [name, ...values.map(show)]);
  const differences = runs.flatMap((run) => differenceLine(run, { metric, level, first: runs[0].folder }));
  return [
    ...table([names, ...metricRows]),
    ...(differences.length > 0 ? ["", ...differences] : []),
    ...(notes.length > 0 ? ["", ...notes] : []),
    "",
    ...(optionRows.length > 0
      ? ["Options that differ:", ...table([names, ...optionRows])]
      : ["All options are the same."]),
    "",
  ].join("\n");
}

/** A difference of which the interval holds 0 may be chance. */
function differenceLine(
  { folder, difference }: ComparedRun,
  { metric, level, first }: { metric: string; level: number; first: string },
): string[] {
  if (!difference) return [];
  const { value, low, high } = difference;
  const interval = `${level * 100} % interval ${signed(low)} to ${signed(high)}`;
  const verdict = value === 0 || low > 0 || high < 0 ? "" : ": it may be chance";
  return [`${folder}: ${metric} ${signed(value)} against ${first} (${interval})${verdict}`];
}

function signed(value: number): string {
  return value < 0 ? formatMetric(value) : `+${formatMetric(value)}`;
}

/** An option that a run does not have is left to its default. */
function show(value: unknown): string {
  if (value === undefined) return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Columns of equal width, the first to the left. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows.map((cells) => {
    const padded = cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    return `  ${padded.join("  ")}`.trimEnd();
  });
}
