/** What `train` says when it is done: the metric against the baseline, the folder, what to do next. */
import type { FineTuneOptions, FineTuneResult, TrainingEvent } from "./library.ts";
import { formatCount, formatEpoch, formatMetric, formatSeconds } from "./progress/units.ts";
import { shellLine, shellWord } from "./shell.ts";

type EvaluationEvent = Extract<TrainingEvent, { type: "evaluation" }>;

/** What of a run's events its summary needs: the evaluation whose weights are kept, and whether rows are pairs. */
export class RunNotes {
  #event: EvaluationEvent | undefined;
  pair = false;

  note(event: TrainingEvent): void {
    if (event.type === "data") this.pair ||= event.pair;
    if (event.type === "evaluation" && (event.best || !this.#event?.best)) this.#event = event;
  }

  /** The best evaluation; where none was (a metric without a value), the last. */
  get best(): EvaluationEvent | undefined {
    return this.#event;
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
    ...metricLines(notes.best, options.validation),
    `Model: ${folder} (${cost.join(", ")})`,
    "",
    "Next:",
    ...nextCommands(folder, options, notes.pair, commandName).map((line) => `  ${line}`),
    "",
  ].join("\n");
}

function metricLines(best: EvaluationEvent | undefined, validation: string | undefined): string[] {
  if (best === undefined)
    return ["No --validation: all epochs ran, and how good the model is was not measured."];
  const { metric, metrics, baseline, epoch } = best;
  const others = Object.entries(metrics).filter(([name]) => name !== metric);
  const chosen = `${metric} ${formatMetric(metrics[metric])} on ${validation}`;
  return [
    `Epoch ${formatEpoch(epoch)} is kept: ${chosen} (baseline, always the same answer: ${formatMetric(baseline)})`,
    ...(others.length === 0
      ? []
      : [`  ${others.map(([name, value]) => `${name} ${formatMetric(value)}`).join(", ")}`]),
  ];
}

function nextCommands(
  folder: string,
  options: Omit<Files, "validation"> & { validation?: string },
  isPair: boolean,
  commandName: string,
): string[] {
  const data = options.validation === undefined ? "FILE" : shellWord(options.validation);
  const pair = isPair ? ' --text-pair "And its second text."' : "";
  return [
    [`${commandName} evaluate --model ${shellWord(folder)} --data ${data}`, shellLine(readingFlags(options))]
      .join(" ")
      .trim(),
    `${commandName} predict --model ${shellWord(folder)} --text "A text of yours."${pair}`,
  ];
}

/** The options that say how a file is read, as they were given. */
function readingFlags(options: Omit<FineTuneOptions, "validation">): string[] {
  const valued = [
    ["--text-column", options.textColumn],
    ["--text-pair-column", options.textPairColumn],
    ["--label-column", options.labelColumn],
    ["--delimiter", options.delimiter],
    ["--quote", options.quote],
    ["--encoding", options.encoding],
    ["--label-separator", options.labelSeparator],
  ] as const;
  return [
    ...valued.flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)])),
    ...(options.header === undefined ? [] : [options.header ? "--header" : "--no-header"]),
  ];
}
