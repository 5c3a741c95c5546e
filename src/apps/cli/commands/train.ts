/** `bertwright train`: labelled texts in, a model folder out. */
import { type Command, Option } from "commander";
import { UsageError } from "../../../util/errors.ts";
import { type Context, need, withProgress } from "../context.ts";
import type { DataOptions, FineTuneOptions, FineTuneResult } from "../library.ts";
import {
  choiceOption,
  flagOption,
  kwargsOption,
  nameOption,
  numberOption,
  textOption,
} from "../option-kinds.ts";
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
  type ProgressMode,
  problemTypeOption,
  progressOption,
  runtimeOptions,
  taskOption,
} from "../options.ts";
import { addReadingGroups } from "../reading-options.ts";
import { RunNotes, summarizeTraining } from "../training-summary.ts";

const SCHEDULERS = [
  "linear",
  "cosine",
  "cosine_with_restarts",
  "polynomial",
  "constant",
  "constant_with_warmup",
  "inverse_sqrt",
  "warmup_stable_decay",
];

/** The option names of the library, but for those that only a program gives; `train` and `output` are checked later. */
type TrainFlags = DataOptions &
  Partial<Omit<FineTuneOptions, "train" | "validation" | "signal" | "onEvent">> & {
    train?: string;
    validation?: string;
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
    nameOption("--output <folder>", "receives the model"),
    new Option("--overwrite", "replace a model in a folder that is not empty"),
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
  addGroup(command, "Machine and output:", [
    ...runtimeOptions(),
    progressOption(),
    jsonOption(
      "one JSON object on stdout: output, task, metrics, seconds, tokens_per_second, peak_memory_mb, planned_memory_mb",
    ),
  ]);
  command.action((flags: TrainFlags) => train(flags, context));
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

function trainingOptions(): Option[] {
  const count = { whole: true, from: 1, to: 1_000_000_000 };
  return [
    numberOption(
      "--epochs, --num-train-epochs <n>",
      { above: 0, to: 10_000 },
      "passes over the rows (default: 3, questions 2, more where rows are few); also --num-train-epochs",
    ),
    numberOption("--max-steps <n>", count, "optimizer steps, instead of epochs"),
    batchSizeOption(
      "--batch-size, --per-device-train-batch-size <n>",
      "32, questions 16",
      "; also --per-device-train-batch-size",
    ),
    numberOption(
      "--gradient-accumulation-steps <n>",
      { whole: true, from: 1, to: 65_536 },
      "batches of a step (default: 1)",
    ),
    new Option(
      "--gradient-checkpointing",
      "layers keep their inputs alone and are computed again: less memory, a third more time, the same numbers",
    ),
    lengthOption("128, questions 384"),
    docStrideOption(),
    numberOption("--learning-rate <x>", { above: 0, to: 1 }, "at its peak"),
    numberOption(
      "--head-learning-rate <x>",
      { above: 0, to: 1 },
      "of the new output layers, at its peak (default: --learning-rate where that is given)",
    ),
    numberOption(
      "--layer-decay <x>",
      { above: 0, to: 1 },
      "a layer's learning rate as a share of the one's above it; 1: all the same",
    ),
    numberOption(
      "--warmup-steps <n>",
      { from: 0, to: 1_000_000_000 },
      "linear warm-up; below 1, a share of all steps",
    ),
    numberOption(
      "--label-smoothing-factor <x>",
      { from: 0, below: 1 },
      "share of a target that all labels have alike (default: 0)",
    ),
    classWeightsOption(),
    choiceOption(
      "--lr-scheduler-type <name>",
      SCHEDULERS,
      "what the learning rate does after the warm-up (default: linear, down to 0)",
    ),
    kwargsOption(
      "--lr-scheduler-kwargs <json>",
      "numbers of that schedule, such as '{\"num_cycles\": 2}' or num_cycles=2",
    ),
    numberOption(
      "--weight-decay <x>",
      { from: 0, to: 1 },
      "decoupled; not on biases and LayerNorm (default: 0.01)",
    ),
    numberOption("--adam-beta1 <x>", { from: 0, below: 1 }, "of AdamW's mean of gradients (default: 0.9)"),
    numberOption("--adam-beta2 <x>", { from: 0, below: 1 }, "of AdamW's mean of squares (default: 0.999)"),
    numberOption("--adam-epsilon <x>", { above: 0, to: 1 }, "AdamW's (default: 1e-8)"),
    numberOption(
      "--max-grad-norm <x>",
      { from: 0, to: 1_000_000 },
      "gradients are scaled down to this norm; 0: never (default: 1)",
    ),
    numberOption(
      "--dropout <p>",
      { from: 0, below: 1 },
      "of hidden states and attention (default: the model's own)",
    ),
    choiceOption(
      "--train-sampling-strategy <how>",
      ["random", "group_by_length"],
      "group_by_length: rows of like length share a step (default: random, questions group_by_length)",
    ),
    ...evaluationOptions(),
    numberOption(
      "--seed <n>",
      { whole: true, from: 0, to: 4_294_967_295 },
      "of shuffling, dropout and new weights (default: 42)",
    ),
  ];
}

function classWeightsOption(): Option {
  const text = "balanced, or numbers by label such as yes=2,no=1: what a row counts in the loss (default: 1)";
  const option = kwargsOption("--class-weights <which>", text);
  const parse = option.parseArg!;
  return option.argParser((value: string, previous: unknown) =>
    value === "balanced" ? value : parse(value, previous),
  );
}

function evaluationOptions(): Option[] {
  const count = { whole: true, from: 1, to: 1_000_000_000 };
  return [
    textOption("--metric-for-best-model <name>", "chooses the epoch that is kept (default: by the task)"),
    flagOption("--greater-is-better <true|false>", "of that metric (default: by its name)"),
    numberOption("--eval-steps <n>", count, "steps from one evaluation to the next (default: an epoch)"),
    numberOption(
      "--patience, --early-stopping-patience <n>",
      count,
      "evaluations without an improvement after which training ends; also --early-stopping-patience",
    ),
    numberOption(
      "--early-stopping-threshold <x>",
      { from: 0, to: 1_000_000 },
      "the least that is an improvement (default: 0, any)",
    ),
    numberOption(
      "--time-limit <seconds>",
      { above: 0, to: 1_000_000_000 },
      "of training, after which no further step begins",
    ),
  ];
}

async function train(flags: TrainFlags, context: Context): Promise<void> {
  const { progress: mode = "auto", json = false, ...given } = flags;
  const options = {
    task: "text-classification" as const,
    ...given,
    train: need(given.train, "train", "--train FILE", "the rows to learn from"),
    output: need(given.output, "train", "--output FOLDER", "where the model goes"),
  };
  checkTogether(options);
  const best = new RunNotes();
  const result = await withProgress(context, mode, async (progress) => {
    const { fineTune } = await context.host.loadLibrary();
    return fineTune({
      ...options,
      signal: context.host.signal,
      onEvent: (event) => {
        best.note(event);
        progress.show(event);
      },
    });
  });
  await context.output.write(
    json
      ? `${JSON.stringify(trainingJson(result))}\n`
      : summarizeTraining(result, best, options, context.host.commandName),
  );
}

/** Options that contradict each other. */
function checkTogether({
  problemType,
  labelSeparator,
  threshold,
  positiveLabel,
  warmupSteps,
}: TrainFlags): void {
  const one = problemType === "single_label_classification" || problemType === "regression";
  if (one && labelSeparator !== undefined) throw contradiction("--label-separator", problemType);
  if (one && threshold !== undefined) throw contradiction("--threshold", problemType);
  if (problemType === "regression" && positiveLabel !== undefined)
    throw contradiction("--positive-label", problemType);
  if (warmupSteps !== undefined && warmupSteps > 1 && !Number.isInteger(warmupSteps)) {
    throw new UsageError(`--warmup-steps ${warmupSteps}: give whole steps, or a share below 1.`);
  }
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
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
