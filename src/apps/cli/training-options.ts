/** Options of `train` that say how the model learns; most are transformers' `TrainingArguments`. */
import { Option } from "commander";
import type { FineTuneOptions } from "./library.ts";
import {
  choiceOption,
  flagOption,
  kwargsOption,
  listOption,
  numberOption,
  numbersOption,
  parseKwargs,
  textOption,
  valueOption,
} from "./option-kinds.ts";
import { batchSizeOption, docStrideOption, lengthOption } from "./options.ts";

const COUNT = { whole: true, from: 1, to: 1_000_000_000 };

export const SEED = { whole: true, from: 0, to: 4_294_967_295 };

/** The library has the same list, but loads too much for a command that only prints its help. */
const SCHEDULERS: readonly NonNullable<FineTuneOptions["lrSchedulerType"]>[] = [
  ...(["linear", "cosine", "cosine_with_restarts", "polynomial", "constant"] as const),
  ...(["constant_with_warmup", "inverse_sqrt", "warmup_stable_decay"] as const),
];

export function trainingOptions(): Option[] {
  return [
    numberOption(
      "--epochs, --num-train-epochs <n>",
      { above: 0, to: 10_000 },
      "passes over the rows (default: 3, questions 2, more where rows are few); also --num-train-epochs",
    ),
    numberOption("--max-steps <n>", COUNT, "optimizer steps, instead of epochs"),
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
      "layers keep their inputs alone and are computed again: less memory, a fifth more time, the same numbers",
    ),
    lengthOption("128, questions 384"),
    docStrideOption(),
    ...optimizerOptions(),
    numberOption(
      "--label-smoothing-factor <x>",
      { from: 0, below: 1 },
      "share of a target that all labels have alike (default: 0)",
    ),
    classWeightsOption(),
    choiceOption(
      "--on-non-finite <what>",
      ["stop", "skip"],
      "a step whose loss or gradient is NaN or infinite ends the run, or is left out (default: stop)",
    ),
    listOption(
      "--freeze <names>",
      "what does not learn, by parameters' names, such as embeddings,encoder.layer.0-3 (default: nothing)",
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
    numberOption("--seed <n>", SEED, "of shuffling, dropout and new weights (default: 42)"),
    numbersOption(
      "--seeds <list>",
      SEED,
      "such as 1,2,3: a run each, in OUTPUT/seed-1 and so on, and a table of them",
    ),
  ];
}

/** The learning rate and its schedule, AdamW, clipping. */
function optimizerOptions(): Option[] {
  return [
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
    // Beside its opposite, a --no- option has no default.
    new Option("--adam-bias-correction").hideHelp(),
    new Option("--no-adam-bias-correction", "AdamW as BERT was first trained: the first steps are larger"),
    numberOption(
      "--max-grad-norm <x>",
      { from: 0, to: 1_000_000 },
      "gradients are scaled down to this norm; 0: never (default: 1)",
    ),
  ];
}

function classWeightsOption(): Option {
  const text = "balanced, or numbers by label such as yes=2,no=1: what a row counts in the loss (default: 1)";
  return valueOption("--class-weights <which>", text, (value) => {
    if (value === "balanced") return value;
    if (/[={]/.test(value)) return parseKwargs(value);
    throw new Error("choose balanced, or give numbers by label such as yes=2,no=1.");
  });
}

function evaluationOptions(): Option[] {
  return [
    textOption("--metric-for-best-model <name>", "chooses the epoch that is kept (default: by the task)"),
    flagOption("--greater-is-better <true|false>", "of that metric (default: by its name)"),
    numberOption("--eval-steps <n>", COUNT, "steps from one evaluation to the next (default: an epoch)"),
    numberOption(
      "--patience, --early-stopping-patience <n>",
      COUNT,
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
    choiceOption(
      "--report-to <where>",
      ["none", "tensorboard"],
      "tensorboard: event files in the output folder as well (default: none)",
    ),
  ];
}
