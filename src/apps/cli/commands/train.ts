/** `bertwright train`: labelled texts in, a model folder out. */
import { type Command, Option } from "commander";
import { UsageError } from "../../../util/errors.ts";
import { checkpointOptions, StopNotes } from "../checkpoint-options.ts";
import { type Context, need, withProgress } from "../context.ts";
import type { FineTuneResult } from "../library.ts";
import { choiceOption, nameOption, numberOption } from "../option-kinds.ts";
import {
  addGroup,
  docStepOption,
  jsonOption,
  labelOptions,
  maxAnswerLengthOption,
  maxQuestionLengthOption,
  type ProgressMode,
  problemTypeOption,
  progressOption,
  runtimeOptions,
  taskOption,
} from "../options.ts";
import { addReadingGroups } from "../reading-options.ts";
import { printConfigOf, type RunFlags, withConfig } from "../train-config.ts";
import { trainSeeds } from "../train-seeds.ts";
import { SEED, trainingOptions } from "../training-options.ts";
import { RunNotes, summarizeTraining } from "../training-summary.ts";
import { tryTraining } from "../try-training.ts";

/** `train` and `output` are checked later. */
type TrainFlags = RunFlags & {
  config?: string;
  printConfig?: boolean;
  dryRun?: boolean;
  seeds?: number[];
  progress?: ProgressMode;
  json?: boolean;
};

export function addTrain(program: Command, context: Context): void {
  const command = program
    .command("train")
    .description("fine-tune a model on a file of labelled texts, tagged words or answered questions");
  addGroup(command, "Task and files:", [
    taskOption(),
    nameOption(
      "--model <name>",
      "a folder, or a name on the Hugging Face Hub (default: sentence-transformers/all-MiniLM-L6-v2)",
    ),
    nameOption(
      "--train <file>",
      "rows to learn from: CSV, TSV, JSONL, Parquet; tagging CoNLL, CoNLL-U as well; questions SQuAD JSON",
    ),
    nameOption("--validation <file>", "rows to measure on; without them the last weights are kept"),
    ...splitOptions(),
    nameOption("--output <folder>", "receives the model"),
    new Option("--overwrite", "replace a model in a folder that is not empty"),
    new Option(
      "--dry-run",
      "read all, take three steps, write nothing; say what time, memory and disk it takes",
    ),
    nameOption(
      "--config <file>",
      "options in JSON, or the run.json of an earlier run; flags here win over it",
    ),
    new Option("--print-config", "print what would be used as JSON, and where it comes from; train nothing"),
  ]);
  addReadingGroups(command, {
    classification: [problemTypeOption(), ...labelOptions(), headLayersOption()],
    tagging: taggingOptions(),
    questions: questionOptions(),
  });
  addGroup(
    command,
    "Training (each default is the recipe's, docs/recipes.md, or given here):",
    trainingOptions(),
  );
  addGroup(command, "Stopping and going on:", checkpointOptions());
  addGroup(command, "Machine and output:", [
    ...runtimeOptions(),
    progressOption(),
    jsonOption(
      "one JSON object on stdout: output, task, metrics, seconds, tokens_per_second, peak_memory_mb, planned_memory_mb, resumed_from_step; with --dry-run the forecast",
    ),
  ]);
  command.action((flags: TrainFlags) => train(flags, context));
}

function splitOptions(): Option[] {
  return [
    numberOption(
      "--validation-split <share>",
      { above: 0, below: 1 },
      "hold out such a share of --train in its place: of each label, of whole passages, or by chance",
    ),
    numberOption(
      "--fraction <share>",
      { above: 0, to: 1 },
      "learn from such a share of --train, chosen alike",
    ),
    numberOption("--split-seed <n>", SEED, "of these two (default: 42, whatever --seed is)"),
  ];
}

function headLayersOption(): Option {
  const range = { whole: true, from: 0, to: 16 };
  return numberOption("--head-layers <n>", range, "dense layers before the classifier (default: 0)");
}

function taggingOptions(): Option[] {
  return [
    nameOption("--train-tags <file>", "tags of the words in --train, a sentence a line in each"),
    nameOption("--validation-tags <file>", "tags of the words in --validation"),
    new Option("--label-all-pieces", "all pieces of a word carry its tag, not the first alone"),
  ];
}

function questionOptions(): Option[] {
  return [
    docStepOption(),
    maxQuestionLengthOption(),
    choiceOption(
      "--answer-softmax <over>",
      ["passage", "all"],
      "what an answer's scores compete with: passage, or all of the window with [CLS] for no answer (default: all)",
    ),
    maxAnswerLengthOption("30"),
  ];
}

async function train(flags: TrainFlags, context: Context): Promise<void> {
  const { progress: mode = "auto", json = false, config, printConfig, dryRun, seeds, ...own } = flags;
  const given = config === undefined ? own : await withConfig(config, own, context);
  const chosen = {
    task: "text-classification" as const,
    ...given,
    train: need(given.train, "train", "--train FILE", "the rows to learn from"),
  };
  checkTogether({ ...chosen, seeds, printConfig, dryRun });
  if (printConfig) return printConfigOf(chosen, mode, context);
  const output = need(given.output, "train", "--output FOLDER", "where the model goes");
  const options = { ...chosen, output };
  if (dryRun) return tryTraining(options, { mode, json }, context);
  if (seeds !== undefined) return trainSeeds({ ...options, seeds }, { mode, json }, context);
  const notes = new RunNotes();
  const stop = new StopNotes(context.host);
  const run = withProgress(context, mode, async (progress) => {
    const { fineTune } = await context.host.loadLibrary();
    return fineTune({
      ...options,
      signal: context.host.signal,
      onEvent: (event) => {
        notes.note(event);
        stop.note(event);
        progress.show(event);
      },
    });
  });
  const result = await run.catch((error: unknown) => {
    throw stop.explain(error, context.argv);
  });
  const summary = () => summarizeTraining(result, notes, options, context.host.commandName);
  if (json) await context.output.write(`${JSON.stringify(trainingJson(result))}\n`);
  else if (!stop.wasDone) await context.output.write(summary());
}

/** Options that contradict each other. */
function checkTogether({
  problemType,
  labelSeparator,
  threshold,
  positiveLabel,
  warmupSteps,
  ...rest
}: TrainFlags): void {
  checkSeeds(rest);
  const one = problemType === "single_label_classification" || problemType === "regression";
  if (one && labelSeparator !== undefined) throw contradiction("--label-separator", problemType);
  if (one && threshold !== undefined) throw contradiction("--threshold", problemType);
  if (problemType === "regression" && positiveLabel !== undefined)
    throw contradiction("--positive-label", problemType);
  if (warmupSteps !== undefined && warmupSteps > 1 && !Number.isInteger(warmupSteps)) {
    throw new UsageError(`--warmup-steps ${warmupSteps}: give whole steps, or a share below 1.`);
  }
}

function checkSeeds({ seeds, seed, printConfig, dryRun }: TrainFlags): void {
  if (seeds === undefined) return;
  if (seed !== undefined) throw new UsageError("--seeds and --seed both say the seed: give one of them.");
  if (!printConfig && !dryRun) return;
  throw new UsageError(`${printConfig ? "--print-config" : "--dry-run"} is of one run: leave out --seeds.`);
}

function contradiction(option: string, problemType: string): UsageError {
  return new UsageError(
    `${option} has no meaning with --problem-type ${problemType}; leave one of them out.`,
  );
}

function trainingJson(result: FineTuneResult): object {
  return {
    output: result.output,
    task: result.task,
    metrics: result.metrics,
    seconds: round(result.seconds),
    tokens_per_second: round(result.tokensPerSecond),
    peak_memory_mb: round(result.peakMemoryMb),
    planned_memory_mb: round(result.plannedMemoryMb),
    resumed_from_step: result.resumedFromStep,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
