/**
 * Which column is the text, which the second text, which the label: by the options, or by the names that data sets
 * usually have (GLUE, SNLI, SICK, MRPC, the Hub).
 */
import { InputError, nearMiss } from "../../util/errors.ts";
import type { ColumnChoice, LabelNeeds, ReadOptions } from "./example.ts";
import { show, showList } from "./show.ts";

/** Positions from 0 among a file's columns. */
export interface Roles {
  /** More than one: joined by a space. */
  text: number[];
  textPair?: number;
  /** Empty: no labels. More than one: columns of 0 and 1. */
  labels: number[];
}

/** Names are compared without case, spaces and punctuation other than `#`. */
const PAIRS = [
  ["sentence1", "sentence2"],
  ["sentencea", "sentenceb"],
  ["premise", "hypothesis"],
  ["prem", "hyp"],
  ["#1string", "#2string"],
  ["question1", "question2"],
  ["text1", "text2"],
  ["texta", "textb"],
  ["text", "textpair"],
  ["question", "sentence"],
  ["question", "context"],
  ["question", "passage"],
  ["query", "passage"],
  ["query", "document"],
  ["string1", "string2"],
  ["s1", "s2"],
];

/** `first`: the earliest that is there wins. `lone`: taken where no other of them is there. */
export interface KnownNames {
  first: string[];
  lone: string[];
}

const TEXTS: KnownNames = {
  first: ["text", "sentence"],
  lone: (
    "content body title headline description utterance query question review reviewtext comment commenttext " +
    "tweet message document phrase post input premise sentence1 text1"
  ).split(" "),
};

const CLASSES: KnownNames = {
  first: ["label", "goldlabel", "labels"],
  lone: (
    "labelname labeltext class classname classindex category intent target sentiment emotion topic polarity quality " +
    "isduplicate entailmentjudgment judgment gold y"
  ).split(" "),
};

const NUMBERS: KnownNames = {
  first: ["score", "similarity", "relatednessscore", "similarityscore", "label"],
  lone: ["labels", "goldlabel", "rating", "stars", "target", "value", "gold", "goldscore", "y"],
};

/** A file may hold a class and a number: without a task that says which is meant, only `label` decides. */
const EITHER: KnownNames = {
  first: ["label"],
  lone: [...new Set([...CLASSES.first.slice(1), ...CLASSES.lone, ...NUMBERS.first, ...NUMBERS.lone])],
};

const LABELS: Record<LabelNeeds["kind"], KnownNames> = {
  class: CLASSES,
  multi: CLASSES,
  number: NUMBERS,
  auto: EITHER,
};

/** What the names alone say. An empty `text` or `labels`: not found. */
export function guessRoles(names: readonly string[], kind: LabelNeeds["kind"]): Roles {
  const keys = names.map(nameKey);
  const label = find(keys, LABELS[kind]);
  const labels = label === undefined ? [] : [label];
  for (const pair of PAIRS) {
    const [text, textPair] = pair.map((key) => keys.indexOf(key));
    if (text >= 0 && textPair >= 0) return { text: [text], textPair, labels };
  }
  const text = find(keys, TEXTS);
  return { text: text === undefined ? [] : [text], labels };
}

/** A name as known names are compared with it. */
export function nameKey(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}#]+/gu, "");
}

/** The position of a known name among `keys`, made by `nameKey`. */
export function find(keys: readonly string[], known: KnownNames): number | undefined {
  const first = known.first.find((key) => keys.includes(key));
  if (first !== undefined) return keys.indexOf(first);
  const lone = keys.filter((key) => known.lone.includes(key));
  return lone.length === 1 ? keys.indexOf(lone[0]) : undefined;
}

/** Whether an option names a column by its header, not by its number. */
export function hasNamedColumn(options: ReadOptions): boolean {
  return choices(options).some((choice) => !isNumber(choice));
}

/** The highest column number among the options, 0 without one. */
export function highestColumnNumber(options: ReadOptions): number {
  return Math.max(0, ...choices(options).filter(isNumber).map(Number));
}

/** Whether any option names a text column. */
export function choosesText(options: ReadOptions): boolean {
  return options.textColumn !== undefined || options.textPairColumn !== undefined;
}

function choices({ textColumn, textPairColumn, labelColumn }: ReadOptions): (string | number)[] {
  return [textColumn, textPairColumn, labelColumn].flatMap((choice) =>
    choice === undefined ? [] : listOf(choice),
  );
}

function listOf(choice: ColumnChoice): (string | number)[] {
  if (typeof choice === "number") return [choice];
  return typeof choice === "string" ? choice.split(",").map((part) => part.trim()) : [...choice];
}

function isNumber(choice: string | number): boolean {
  return typeof choice === "number" || /^\d+$/.test(choice);
}

/**
 * The roles that options and names give together. An option always wins, and where one names a text column the second
 * text is not guessed. Throws `InputError` for a column that is not there or where a role stays open.
 */
export function chooseRoles(file: string, names: readonly string[], options: ReadOptions): Roles {
  const chosen = {
    text: pick(file, names, "--text-column", options.textColumn),
    pair: pick(file, names, "--text-pair-column", options.textPairColumn),
    labels: pick(file, names, "--label-column", options.labelColumn),
  };
  const taken = [...chosen.text, ...chosen.pair, ...chosen.labels];
  const guess = guessRoles(
    names.map((name, i) => (taken.includes(i) ? "" : name)),
    options.needs.kind,
  );
  const roles = {
    text: chosen.text.length > 0 ? chosen.text : guess.text,
    textPair: choosesText(options) ? chosen.pair[0] : guess.textPair,
    labels: chosen.labels.length > 0 ? chosen.labels : guess.labels,
  };
  const labelOpen = options.needs.label === "required" && roles.labels.length === 0;
  if (roles.text.length === 0 || labelOpen) throw openRoles(file, names, roles.text.length === 0, labelOpen);
  checkDistinct(file, names, taken);
  return roles;
}

/** Positions of the columns that an option names. Throws `InputError` for one that is not there. */
export function pick(
  file: string,
  names: readonly string[],
  option: string,
  choice: ColumnChoice | undefined,
): number[] {
  if (choice === undefined) return [];
  // A header name may itself have a comma in it.
  const whole = typeof choice === "string" ? names.indexOf(choice) : -1;
  if (whole >= 0 && !isNumber(choice as string)) return [pickName(file, names, option, choice as string)];
  return listOf(choice).map((one) =>
    isNumber(one) ? pickNumber(file, names, option, Number(one)) : pickName(file, names, option, String(one)),
  );
}

function pickNumber(file: string, names: readonly string[], option: string, number: number): number {
  if (Number.isInteger(number) && number >= 1 && number <= names.length) return number - 1;
  const range = names.length === 1 ? "only column 1" : `columns 1 to ${names.length}`;
  throw new InputError(
    `${file}: no column ${number}. It has ${range}.\nCorrect ${option}${hintDelimiter(names)}.`,
  );
}

function pickName(file: string, names: readonly string[], option: string, name: string): number {
  const at = names.indexOf(name);
  if (at < 0) {
    const near = nearMiss(name, names);
    const advice =
      near === undefined ? `Correct ${option}${hintDelimiter(names)}.` : `Use ${option} ${shellWord(near)}.`;
    throw new InputError(`${file}: no column ${show(name)}. It has ${showList(names)}.\n${advice}`);
  }
  if (names.indexOf(name, at + 1) >= 0) {
    throw new InputError(
      `${file}: several columns are called ${show(name)}.\nGive the column's number: ${option} ${at + 1}.`,
    );
  }
  return at;
}

function hintDelimiter(names: readonly string[]): string {
  return names.length === 1 ? ", or name the delimiter with --delimiter" : "";
}

function checkDistinct(file: string, names: readonly string[], taken: readonly number[]): void {
  const twice = taken.find((column, i) => taken.indexOf(column) !== i);
  if (twice === undefined) return;
  throw new InputError(
    `${file}: column ${show(names[twice])} is named twice.\nGive --text-column, --text-pair-column and --label-column a column each.`,
  );
}

function openRoles(file: string, names: readonly string[], text: boolean, label: boolean): InputError {
  const what = text && label ? "text and label columns" : `${text ? "text" : "label"} column`;
  const options = [
    ...(text ? ["--text-column NAME", "[--text-pair-column NAME]"] : []),
    ...(label ? ["--label-column NAME"] : []),
  ];
  return new InputError(
    `${file}: cannot tell the ${what} among ${showList(names)}.\nAdd ${options.join(" ")}; NAME may be a number from 1${hintDelimiter(names)}.`,
  );
}

function shellWord(name: string): string {
  return /^[\p{L}\p{N}_.-]+$/u.test(name) ? name : show(name);
}
