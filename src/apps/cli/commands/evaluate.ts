/** `bertwright evaluate`: a model's metrics on labelled rows. */
import type { Command } from "commander";
import { type Context, need, withProgress } from "../context.ts";
import type { EvaluateOptions, EvaluateResult } from "../library.ts";
import { nameOption } from "../option-kinds.ts";
import {
  addGroup,
  batchSizeOption,
  columnOptions,
  jsonOption,
  labelOptions,
  lengthOption,
  type ProgressMode,
  progressOption,
  runtimeOptions,
} from "../options.ts";
import { formatMetric, formatPlural, formatSeconds } from "../progress/units.ts";

type EvaluateFlags = Partial<Omit<EvaluateOptions, "data" | "signal" | "onProgress">> & {
  data?: string;
  progress?: ProgressMode;
  json?: boolean;
};

export function addEvaluate(program: Command, context: Context): void {
  const command = program.command("evaluate").description("measure a model on labelled rows");
  addGroup(command, "Files:", [
    nameOption("--model <folder>", "what train wrote"),
    nameOption("--data <file>", "labelled rows: CSV, TSV or JSONL"),
  ]);
  addGroup(command, "How the file is read (default: told by its content):", columnOptions());
  addGroup(command, "Labels:", labelOptions());
  addGroup(command, "Machine and output:", [
    batchSizeOption("--batch-size <n>"),
    lengthOption("as in training"),
    ...runtimeOptions(),
    progressOption(),
    jsonOption("one JSON object on stdout: task, examples, metrics, seconds, examples_per_second"),
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
    return library.evaluate({
      ...options,
      signal: context.host.signal,
      onProgress: ({ done, total }) => progress.show({ type: "evaluating", done, total }),
    });
  });
  await context.output.write(
    json ? `${JSON.stringify(evaluationJson(result))}\n` : summarize(result, options.model, options.data),
  );
}

function evaluationJson({ task, examples, metrics, seconds, examplesPerSecond }: EvaluateResult): object {
  return { task, examples, metrics, seconds, examples_per_second: examplesPerSecond };
}

function summarize(result: EvaluateResult, model: string, data: string): string {
  const width = Math.max(...Object.keys(result.metrics).map((name) => name.length));
  const cost = `${formatPlural(result.examples, "row")} in ${formatSeconds(result.seconds)}`;
  const lines = Object.entries(result.metrics).map(
    ([name, value]) => `  ${name.padEnd(width)}  ${formatMetric(value)}`,
  );
  return [`${model} on ${data}: ${cost}`, ...lines, ""].join("\n");
}
