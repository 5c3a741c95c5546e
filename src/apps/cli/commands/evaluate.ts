/** `bertwright evaluate`: a model's metrics on labelled rows. */
import { type Command, Option } from "commander";
import {
  formatCount,
  formatMetric,
  formatNamedMetric,
  formatPlural,
  formatSeconds,
  UNITS,
} from "../../../util/format.ts";
import { type Context, need, withProgress } from "../context.ts";
import type { EvaluateOptions, EvaluateResult } from "../library.ts";
import { nameOption } from "../option-kinds.ts";
import {
  addGroup,
  batchSizeOption,
  docStepOption,
  docStrideOption,
  jsonOption,
  labelOptions,
  lengthOption,
  maxAnswerLengthOption,
  maxQuestionLengthOption,
  nullScoreOption,
  type ProgressMode,
  progressOption,
  runtimeOptions,
} from "../options.ts";
import { addReadingGroups } from "../reading-options.ts";

type EvaluateFlags = Partial<Omit<EvaluateOptions, "data" | "signal" | "onProgress" | "onWarning">> & {
  data?: string;
  progress?: ProgressMode;
  json?: boolean;
};

export function addEvaluate(program: Command, context: Context): void {
  const command = program.command("evaluate").description("measure a model on labelled rows");
  addGroup(command, "Files:", [
    nameOption("--model <folder>", "what train wrote"),
    nameOption("--data <file>", "labelled rows, in the formats of train"),
  ]);
  addReadingGroups(command, {
    classification: labelOptions(),
    tagging: [nameOption("--data-tags <file>", "tags of the words in --data, a sentence a line in each")],
    questions: [
      docStepOption(),
      maxQuestionLengthOption(),
      maxAnswerLengthOption("as in training"),
      nullScoreOption(),
      nameOption(
        "--output <folder>",
        "receives predictions.json, nbest_predictions.json and, with no answers, null_odds.json, as SQuAD has them",
      ),
      new Option("--overwrite", "replace such files"),
    ],
  });
  addGroup(command, "Machine and output:", [
    batchSizeOption("--batch-size <n>", "as many as make 1,024 tokens"),
    lengthOption("as in training"),
    docStrideOption(),
    ...runtimeOptions(),
    progressOption(),
    jsonOption(
      "one JSON object on stdout: task, examples, metrics, seconds, examples_per_second, per_label, confusion",
    ),
  ]);
  command.action((flags: EvaluateFlags) => evaluate(flags, context));
}

async function evaluate(flags: EvaluateFlags, context: Context): Promise<void> {
  const { progress: mode = "auto", json = false, ...given } = flags;
  const options = {
    ...given,
    model: need(given.model, "evaluate", "--model FOLDER", "what train wrote"),
    data: need(given.data, "evaluate", "--data FILE", "the labelled rows"),
  };
  const result = await withProgress(context, mode, async (progress) => {
    const library = await context.host.loadLibrary();
    const measured = await library.evaluate({
      ...options,
      signal: context.host.signal,
      onProgress: ({ done, total }) => progress.show({ type: "evaluating", done, total }),
      onWarning: (message) => progress.show({ type: "warning", message }),
    });
    if (options.output !== undefined) progress.show({ type: "saved", folder: options.output });
    return measured;
  });
  await context.output.write(
    json ? `${JSON.stringify(evaluationJson(result))}\n` : summarize(result, options.model, options.data),
  );
}

function evaluationJson(result: EvaluateResult): object {
  const { task, examples, metrics, seconds, examplesPerSecond, perLabel, confusion } = result;
  const details = { per_label: perLabel, confusion };
  return { task, examples, metrics, seconds, examples_per_second: examplesPerSecond, ...details };
}

function summarize(result: EvaluateResult, model: string, data: string): string {
  const { task, examples, notes, metrics, seconds } = result;
  const width = Math.max(...Object.keys(metrics).map((name) => name.length));
  const cost = `${formatPlural(examples, UNITS[task])} in ${formatSeconds(seconds)}`;
  const lines = Object.entries(metrics).map(
    ([name, value]) => `  ${name.padEnd(width)}  ${formatNamedMetric(name, value)}`,
  );
  const labels = labelTable(result.perLabel ?? []);
  return [`${model} on ${data}: ${cost}`, ...notes.map((note) => `  ${note}`), ...lines, ...labels, ""].join(
    "\n",
  );
}

const LABELS_SHOWN = 30;
const COLUMNS = ["precision", "recall", "f1", "count"];
const COLUMN_WIDTH = 11;

/** A line a label, the commonest first. */
function labelTable(scores: NonNullable<EvaluateResult["perLabel"]>): string[] {
  if (scores.length === 0) return [];
  const shown = [...scores].sort((a, b) => b.support - a.support).slice(0, LABELS_SHOWN);
  const width = Math.max(...shown.map(({ name }) => name.length));
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join("")}`;
  const rows = shown.map(({ name, precision, recall, f1, support }) =>
    line(name, [...[precision, recall, f1].map(formatMetric), formatCount(support)]),
  );
  const more = scores.length - shown.length;
  return [line("", COLUMNS), ...rows, ...(more > 0 ? [`  … and ${more} more`] : [])];
}
