/** The options that say how files are read, in groups by task; what is missing is told by the files' content. */
import { type Command, Option } from "commander";
import type { DataOptions } from "./library.ts";
import { nameOption, textOption } from "./option-kinds.ts";
import { addGroup } from "./options.ts";

/** Files of all tasks. */
function fileOptions(): Option[] {
  return [
    nameOption("--text-column <name>", "column of the text or of the words: its name, or its number from 1"),
    textOption("--delimiter <char>", "tab, comma, space or one character"),
    textOption("--encoding <name>", "the files' encoding (default: utf-8)"),
  ];
}

function classificationOptions(): Option[] {
  return [
    nameOption("--text-pair-column <name>", "column of the second text of a pair"),
    nameOption("--label-column <name>", "column of the label; or several 0/1 columns: a,b,c"),
    textOption("--quote <char>", "none or one character"),
    textOption("--label-separator <text>", "separates several labels in one column"),
    // In this order: alone, or before its opposite, a --no- option has the default true.
    new Option("--header", "the first row is names, not data"),
    new Option("--no-header", "the first row is data, not names"),
  ];
}

function taggingOptions(): Option[] {
  return [
    nameOption(
      "--tag-column <name>",
      "column or key of the tags or spans: its name, or its number from 1; in CoNLL-U upos (the default), xpos, …",
    ),
  ];
}

function questionOptions(): Option[] {
  return [
    nameOption("--question-column <name>", "key of the question in JSONL, column in Parquet"),
    nameOption("--context-column <name>", "of the passage"),
    nameOption("--answers-column <name>", "of the answers"),
  ];
}

/** What is wrong with labels is of no interest where they are not used. */
const LENIENT = {
  classification: () => [
    new Option("--allow-similar-labels", "accept labels that differ only in case or white space"),
  ],
  tagging: () => [new Option("--allow-tag-errors", "read tags that break their scheme as conlleval does")],
  questions: () => [
    new Option("--fix-answer-offsets", "look nearby for answers that are not where the file says"),
  ],
};

/** Further options of the groups of each task. */
export interface TaskGroups {
  classification?: readonly Option[];
  tagging?: readonly Option[];
  questions?: readonly Option[];
}

/** Adds the groups of the help: files, then a group a task with `more` behind the options of reading. */
export function addReadingGroups(command: Command, more: TaskGroups, { labelled = true } = {}): void {
  const { classification, tagging, questions } = LENIENT;
  const only = (options: () => Option[]) => (labelled ? options() : []);
  addGroup(command, "How files are read (default: told by their content):", fileOptions());
  addGroup(command, "Classification:", [
    ...[...classificationOptions(), ...only(classification), ...(more.classification ?? [])],
  ]);
  addGroup(command, "Tagging:", [...taggingOptions(), ...only(tagging), ...(more.tagging ?? [])]);
  addGroup(command, "Questions:", [...questionOptions(), ...only(questions), ...(more.questions ?? [])]);
}

function readingOptions(): Option[] {
  return [
    ...[...fileOptions(), ...classificationOptions(), ...taggingOptions(), ...questionOptions()],
    ...Object.values(LENIENT).flatMap((options) => options()),
  ];
}

/** The flags that say how a file is read, as `given` has them, by the library's names. */
export function readingFlags(given: object): { flag: string; value?: string }[] {
  return readingOptions().flatMap((option) => {
    const value = (given as Record<string, unknown>)[option.attributeName()];
    const flag = option.long ?? option.flags;
    if (value === undefined) return [];
    if (typeof value !== "boolean") return [{ flag, value: String(value) }];
    return value === !option.negate ? [{ flag }] : [];
  });
}

/** Of `given` the options that say how a file is read. */
export function readingValues(given: DataOptions): DataOptions {
  const names = new Set(readingOptions().map((option) => option.attributeName()));
  return Object.fromEntries(Object.entries(given).filter(([name]) => names.has(name)));
}
