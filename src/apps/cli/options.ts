/** The options that several commands share, in groups; their names in TypeScript are the library's. */
import { type Command, Option } from "commander";
import { choiceOption, nameOption, numberOption, textOption } from "./option-kinds.ts";

export const TASKS = ["text-classification"] as const;
export const PROBLEM_TYPES = ["single_label_classification", "multi_label_classification", "regression"];
export const PROGRESS_MODES = ["auto", "bar", "lines", "json", "none"] as const;

export type Task = (typeof TASKS)[number];
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** Adds options under a heading of the help. */
export function addGroup(command: Command, heading: string, options: readonly Option[]): void {
  for (const option of options) command.addOption(option.helpGroup(heading));
}

export function taskOption(): Option {
  return choiceOption("--task <task>", TASKS, `what to learn: ${TASKS.join(", ")} (the default)`);
}

export function problemTypeOption(): Option {
  return choiceOption(
    "--problem-type <type>",
    PROBLEM_TYPES,
    `${PROBLEM_TYPES.join(", ")} (default: told by the labels)`,
  );
}

/** How files are read; what is missing is told by their content. */
export function columnOptions(): Option[] {
  return [
    nameOption("--text-column <name>", "column of the text: its name, or its number from 1"),
    nameOption("--text-pair-column <name>", "column of the second text of a pair"),
    nameOption("--label-column <name>", "column of the label; or several 0/1 columns: a,b,c"),
    // In this order: alone, or before its opposite, a --no- option has the default true.
    new Option("--header", "the first row is names, not data"),
    new Option("--no-header", "the first row is data, not names"),
    textOption("--delimiter <char>", "tab, comma or one character"),
    textOption("--quote <char>", "none or one character"),
    textOption("--encoding <name>", "the files' encoding (default: utf-8)"),
    textOption("--label-separator <text>", "separates several labels in one column"),
    new Option("--allow-similar-labels", "accept labels that differ only in case or white space"),
  ];
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
  return numberOption(
    "--max-seq-length <n>",
    range,
    `tokens of a row; longer ones are cut (default: ${standard})`,
  );
}

export function batchSizeOption(flags: string, also = ""): Option {
  return numberOption(flags, { whole: true, from: 1, to: 65_536 }, `rows of a batch (default: 32)${also}`);
}

export function runtimeOptions(): Option[] {
  const runtimes = ["auto", "onnxruntime", "onnxruntime-binding"];
  return [
    numberOption(
      "--threads <n>",
      { whole: true, from: 1, to: 1024 },
      "threads of the runtime (default: one a core)",
    ),
    choiceOption("--runtime <name>", runtimes, `${runtimes.join(", ")} (default: auto)`),
  ];
}

export function progressOption(): Option {
  const meaning = `progress on stderr: ${PROGRESS_MODES.join(", ")} (default: auto, a bar on a terminal, else lines)`;
  return choiceOption("--progress <mode>", PROGRESS_MODES, meaning);
}

export function jsonOption(what: string): Option {
  return new Option("--json", `print ${what}`);
}
