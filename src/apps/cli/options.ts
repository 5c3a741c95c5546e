/** The options that several commands share, in groups; their names in TypeScript are the library's. */
import { type Command, Option } from "commander";
import { choiceOption, numberOption, textOption } from "./option-kinds.ts";

export const TASKS = ["text-classification", "token-classification", "question-answering"] as const;
export const PROBLEM_TYPES = ["single_label_classification", "multi_label_classification", "regression"];
export const PROGRESS_MODES = ["auto", "bar", "lines", "json", "none"] as const;

export type Task = (typeof TASKS)[number];
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** Adds options under a heading of the help. */
export function addGroup(command: Command, heading: string, options: readonly Option[]): void {
  for (const option of options) command.addOption(option.helpGroup(heading));
}

export function taskOption(): Option {
  return choiceOption("--task <task>", TASKS, `${TASKS.join(", ")} (default: ${TASKS[0]})`);
}

export function problemTypeOption(): Option {
  return choiceOption(
    "--problem-type <type>",
    PROBLEM_TYPES,
    `${PROBLEM_TYPES.join(", ")} (default: told by the labels)`,
  );
}

export function labelOptions(): Option[] {
  return [
    textOption(
      "--positive-label <label>",
      "of two labels, the one that precision, recall and f1 are of (default: the second)",
    ),
    numberOption(
      "--threshold <p>",
      { above: 0, below: 1 },
      "several labels: probability from which one is predicted (default: 0.5)",
    ),
  ];
}

export function lengthOption(standard: string): Option {
  const range = { whole: true, from: 3, to: 65_536 };
  const meaning = "tokens of a row; longer texts are cut, sentences and passages read in windows";
  return numberOption("--max-seq-length <n>", range, `${meaning} (default: ${standard})`);
}

const LENGTH = { whole: true, from: 1, to: 65_536 };

/** How long sentences and passages become windows. */
export function docStrideOption(): Option {
  const standard = "questions 128, tagging a quarter of the maximum length";
  return numberOption(
    "--doc-stride <n>",
    { ...LENGTH, from: 0 },
    `tagging, questions: tokens that neighbouring windows share (default: ${standard})`,
  );
}

export function docStepOption(): Option {
  const meaning = "in place of --doc-stride: tokens from a window's start to the next one's";
  return numberOption("--doc-step <n>", LENGTH, meaning);
}

export function maxQuestionLengthOption(): Option {
  return numberOption(
    "--max-question-length <n>",
    LENGTH,
    "tokens of a question; longer ones are cut (default: 64)",
  );
}

export function maxAnswerLengthOption(standard: string): Option {
  return numberOption("--max-answer-length <n>", LENGTH, `most tokens of an answer (default: ${standard})`);
}

export function nullScoreOption(): Option {
  return numberOption(
    "--null-score-diff-threshold <x>",
    { from: -1000, to: 1000 },
    "no answer where its score, a sum of two logits, is above the best answer's by more than X (default: the model's own)",
  );
}

export function batchSizeOption(flags: string, standard = "32", also = ""): Option {
  return numberOption(
    flags,
    { whole: true, from: 1, to: 65_536 },
    `rows of a batch (default: ${standard})${also}`,
  );
}

export function runtimeOptions(): Option[] {
  const runtimes = ["auto", "onnxruntime", "onnxruntime-binding", "openvino"];
  const precisions = ["float32", "bf16", "auto"];
  return [
    numberOption(
      "--threads <n>",
      { whole: true, from: 1, to: 1024 },
      "threads of the runtime (default: one a core)",
    ),
    choiceOption("--runtime <name>", runtimes, `${runtimes.join(", ")} (default: auto); see runtimes`),
    choiceOption(
      "--precision <name>",
      precisions,
      `of matrix products: ${precisions.join(", ")} (default: float32); bf16 needs openvino, auto takes it where it is clearly faster`,
    ),
  ];
}

export function progressOption(): Option {
  const meaning = `progress on stderr: ${PROGRESS_MODES.join(", ")} (default: auto, a bar on a terminal, else lines)`;
  return choiceOption("--progress <mode>", PROGRESS_MODES, meaning);
}

export function jsonOption(what: string): Option {
  return new Option("--json", `print ${what}`);
}
