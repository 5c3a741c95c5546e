/** What `train` says when it is done: the metric against the baseline, the folder, what to do next. */

import {
  formatCount,
  formatEpoch,
  formatMetric,
  formatNamedMetric,
  formatSeconds,
} from "../../util/format.ts";
import { shellLine, shellWord } from "../../util/shell-words.ts";
import type { EvaluationFile, FineTuneOptions, FineTuneResult, TrainingEvent } from "./library.ts";
import { readingFlags } from "./reading-options.ts";

/** What of a run's events its summary needs. */
export class RunNotes {
  /** Whether rows are pairs. */
  pair = false;

  note(event: TrainingEvent): void {
    if (event.type === "data") this.pair ||= event.pair;
  }
}

type Files = FineTuneOptions & { train: string; output: string };

export function summarizeTraining(
  result: FineTuneResult,
  notes: RunNotes,
  options: Omit<Files, "validation"> & { validation?: string },
  commandName: string,
): string {
  const folder = result.output ?? options.output;
  const cost = [
    formatSeconds(result.seconds),
    `${formatCount(result.tokensPerSecond)} tokens/s`,
    `${formatCount(result.peakMemoryMb)} MB of memory at most`,
  ];
  return [
    "",
    ...metricLines(result, validationRows(options)),
    `Model: ${folder} (${cost.join(", ")})`,
    "",
    "Next:",
    ...nextCommands(folder, options, notes.pair, commandName).map((line) => `  ${line}`),
    "",
  ].join("\n");
}

/** What was measured on. */
function validationRows({
  validation,
  validationSplit,
  train,
}: Pick<Files, "validationSplit" | "train"> & { validation?: string }): string | undefined {
  if (validation !== undefined || validationSplit === undefined) return validation;
  return `${Number((100 * validationSplit).toPrecision(3))} % of ${train}`;
}

function metricLines(
  { metrics, metric, kept, evaluation }: FineTuneResult,
  validation: string | undefined,
): string[] {
  if (metric === undefined || kept === undefined)
    return ["No --validation: all epochs ran, and how good the model is was not measured."];
  const others = Object.entries(metrics).filter(([name]) => name !== metric);
  const chosen = `${metric} ${formatMetric(metrics[metric])} on ${validation}`;
  const trivial = "baseline, always the same answer:";
  const texts = others.map(([name, value]) => `${name} ${formatNamedMetric(name, value)}`);
  return [
    `Epoch ${formatEpoch(kept.epoch)} is kept: ${chosen} (${trivial} ${formatMetric(kept.baseline)})`,
    ...wrap(texts).map((line) => `  ${line}`),
    ...(evaluation ? [...surenessLines(evaluation), ...mistakeLines(evaluation)] : []),
  ];
}

/** How far the metric, and its distance from the baseline, may be chance. */
function surenessLines({ interval, difference, bootstrap, metric }: EvaluationFile): string[] {
  const from = (low: number, high: number) => `${formatMetric(low)} to ${formatMetric(high)}`;
  const level = `${Math.round(100 * bootstrap.level)} % interval`;
  return [
    `  ${metric}, ${level}: ${from(interval.low, interval.high)}; above the baseline by ${from(difference.low, difference.high)}`,
  ];
}

const MISTAKES_SHOWN = 5;

function mistakeLines({ mistakes }: EvaluationFile): string[] {
  if (mistakes.length === 0) return [];
  const shown = mistakes.slice(0, MISTAKES_SHOWN);
  const width = Math.max(...shown.map(({ count }) => formatCount(count).length));
  const lines = shown.map(
    ({ gold, predicted, count }) => `  ${formatCount(count).padStart(width)}  ${gold} → ${predicted}`,
  );
  return ["Most often mistaken (what is right → what was predicted):", ...lines];
}

const LINE_LENGTH = 100;

/** Texts with commas between them, in lines. */
function wrap(texts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const line = lines.at(-1);
    if (line === undefined || line.length + text.length > LINE_LENGTH) lines.push(text);
    else lines[lines.length - 1] = `${line}, ${text}`;
  }
  return lines.map((line, i) => (i < lines.length - 1 ? `${line},` : line));
}

function nextCommands(
  folder: string,
  options: Omit<Files, "validation"> & { validation?: string },
  isPair: boolean,
  commandName: string,
): string[] {
  const model = `--model ${shellWord(folder)}`;
  const data = options.validation === undefined ? "FILE" : shellWord(options.validation);
  const evaluate = [`${commandName} evaluate ${model} --data ${data}`, shellLine(evaluationFlags(options))];
  return [
    `${commandName} show-report ${shellWord(folder)}`,
    evaluate.join(" ").trim(),
    `${commandName} predict ${model} ${exampleTexts(options.task, isPair)}`,
  ];
}

function exampleTexts(task: FineTuneOptions["task"], isPair: boolean): string {
  if (task === "question-answering")
    return '--question "A question of yours?" --context "A passage that answers it."';
  return `--text "A text of yours."${isPair ? ' --text-pair "And its second text."' : ""}`;
}

/** The options that say how a file is read and cut into windows, as they were given. */
function evaluationFlags({
  trainTags,
  validationTags = trainTags && "FILE",
  docStride,
  docStep,
  ...options
}: Omit<FineTuneOptions, "validation">): string[] {
  const valued = [
    { flag: "--data-tags", value: validationTags },
    { flag: "--doc-stride", value: docStride },
    { flag: "--doc-step", value: docStep },
  ].filter(({ value }) => value !== undefined);
  return [...readingFlags(options), ...valued].flatMap(({ flag, value }) =>
    value === undefined ? [flag] : [flag, String(value)],
  );
}
