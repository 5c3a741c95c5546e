/** The files of a run's folder to what its report shows; those that come at the end of a run may be missing. */
import { readJsonIfExists, TEXT_LIMITS } from "../files/model-folder.ts";
import { fileExists } from "../files/source.ts";
import type { DataReport } from "../text/data/report.ts";
import type { TagScheme } from "../text/tags/schemes.ts";
import { isGreaterBetter } from "../training/metric-direction.ts";
import type { ProblemType, TaskTag } from "../training/options.ts";
import type { ResolvedOptions } from "../training/resolve-options.ts";
import { readRunFile } from "../training/run-file.ts";
import { DATA_REPORT, EVALUATION, METRICS, PREDICTIONS } from "../training/run-folder/names.ts";
import { commandOf } from "./command-line.ts";
import { runFacts } from "./facts.ts";
import { readOutcome } from "./outcome/read-outcome.ts";
import { readLog } from "./read-log.ts";
import type { Interval, OptionLine, ReportData, RunState, Verdict } from "./report-data.ts";

/** `state`: where run.json cannot say it. Throws `InputError` for a folder of no run, or a file that was changed. */
export async function readRun(folder: string, state?: RunState["name"]): Promise<ReportData> {
  const run = await readRunFile(folder);
  const { step, epoch, ...log } = await readLog(`${folder}/${METRICS}`);
  const task = run.options.task.value as TaskTag;
  const kind = kindOf(await readJsonIfExists(folder, "config.json", TEXT_LIMITS.config));
  const predictions = `${folder}/${PREDICTIONS}`;
  const predicted = await fileExists(predictions);
  const { validation } = run.data;
  const verdict = log.best && {
    ...log.best,
    greaterIsBetter: directionOf(run.options, log.best.metric),
    ...(await intervals(folder)),
    ...(validation && { on: validation.name, rows: validation.rows }),
  };
  return {
    ...{ task, problemType: kind.problemType, model: run.model.name, folder },
    state: { name: state ?? run.status, step, epoch },
    ...{ verdict, steps: log.steps, evaluations: log.evaluations },
    outcome: predicted ? await readOutcome(predictions, { task, ...kind }) : undefined,
    data: (await readJsonIfExists(folder, DATA_REPORT, TEXT_LIMITS.tokenizer)) as DataReport | undefined,
    options: optionLines(run.options),
    command: commandOf(run.options, folder),
    facts: runFacts(run, log),
  };
}

/** What the model's configuration says of its outputs. */
function kindOf(config: Record<string, unknown> | undefined): {
  problemType?: ProblemType;
  scheme?: TagScheme;
} {
  const own = config?.bertwright as { tag_scheme?: TagScheme } | undefined;
  return { problemType: config?.problem_type as ProblemType | undefined, scheme: own?.tag_scheme };
}

function directionOf(options: ResolvedOptions, metric: string): boolean {
  const said = options.greaterIsBetter?.value;
  return typeof said === "boolean" ? said : isGreaterBetter(metric);
}

/** Of evaluation.json, where it is there already. */
async function intervals(folder: string): Promise<Pick<Verdict, "interval" | "difference">> {
  const file = await readJsonIfExists(folder, EVALUATION, TEXT_LIMITS.config);
  const { interval, difference, bootstrap } = (file ?? {}) as Record<string, Partial<Interval> | undefined>;
  return {
    interval: intervalOf(interval, bootstrap?.level),
    difference: intervalOf(difference, bootstrap?.level),
  };
}

/** Undefined where one of its ends has no value, as a correlation of constants has none. */
function intervalOf(ends: Partial<Interval> | undefined, level: number | undefined): Interval | undefined {
  const { low, high } = ends ?? {};
  return typeof low === "number" && typeof high === "number" && level !== undefined
    ? { low, high, level }
    : undefined;
}

const ORIGINS = ["given", "file", "recipe", "default"];

/** What somebody asked for comes first. */
function optionLines(options: ResolvedOptions): OptionLine[] {
  const lines = Object.entries(options).map(([name, { value, origin }]): OptionLine => {
    return { name, value: typeof value === "object" ? JSON.stringify(value) : String(value), origin };
  });
  return lines.sort((a, b) => ORIGINS.indexOf(a.origin) - ORIGINS.indexOf(b.origin));
}
