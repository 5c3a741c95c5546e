/** The kinds of option values: text, numbers in a range, choices. A wrong value is a `UsageError` that names the option. */
import { Option } from "commander";
import { nearMiss, UsageError } from "../../util/errors.ts";

/** Bounds are inclusive but for `above` and `below`. */
export interface Range {
  readonly whole?: boolean;
  readonly from?: number;
  readonly above?: number;
  readonly to?: number;
  readonly below?: number;
}

/** An option with a value. `parse` throws an `Error` whose message completes `--option VALUE: `. */
export function valueOption<T>(flags: string, description: string, parse: (value: string) => T): Option {
  const option = new Option(flags, description);
  const name = nameOf(option);
  return option.argParser((value: string, previous: unknown) => {
    if (previous !== undefined) throw new UsageError(`${name} is given twice; give it once.`);
    try {
      return parse(value);
    } catch (error) {
      throw new UsageError(`${name} ${quoted(value)}: ${error instanceof Error ? error.message : error}`);
    }
  });
}

export function textOption(flags: string, description: string): Option {
  return valueOption(flags, description, (value) => value);
}

/** A path or a name: anything but nothing. An unset shell variable is the usual reason for an empty one. */
export function nameOption(flags: string, description: string): Option {
  return valueOption(flags, description, (value) => {
    if (value.trim() === "") throw new Error("the value is empty. Was a variable of the shell not set?");
    return value;
  });
}

export function numberOption(flags: string, range: Range, description: string): Option {
  return valueOption(flags, description, (value) => parseNumber(value, range));
}

export function choiceOption(flags: string, choices: readonly string[], description: string): Option {
  return valueOption(flags, description, (value) => {
    if (choices.includes(value)) return value;
    const near = nearMiss(value, choices);
    throw new Error(
      near === undefined ? `choose ${orList(choices)}.` : `did you mean ${near}? Choose ${orList(choices)}.`,
    );
  });
}

/** For a yes or no whose default is neither. */
export function flagOption(flags: string, description: string): Option {
  return valueOption(flags, description, (value) => {
    if (value !== "true" && value !== "false") throw new Error("choose true or false.");
    return value === "true";
  });
}

/** Numbers with commas between them. */
export function numbersOption(flags: string, range: Range, description: string): Option {
  return valueOption(flags, description, (value) =>
    value.split(",").map((one) => parseNumber(one.trim(), range)),
  );
}

/** Names with commas between. */
export function listOption(flags: string, description: string): Option {
  return valueOption(flags, description, (value) => value.split(",").map((name) => name.trim()));
}

/** Numbers by name: a JSON object, or `name=number` with commas between. */
export function kwargsOption(flags: string, description: string): Option {
  return valueOption(flags, description, parseKwargs);
}

/** Throws an `Error` that says what is wrong. */
export function parseKwargs(text: string): Record<string, number> {
  const pairs = text.trim().startsWith("{") ? jsonPairs(text) : text.split(",").map(pairOf);
  return Object.fromEntries(
    pairs.map(([name, number]) => {
      if (NUMBER.test(number)) return [name, Number(number)];
      throw new Error(`${name} is ${number}, which is no number.`);
    }),
  );
}

function jsonPairs(text: string): [string, string][] {
  try {
    return Object.entries(JSON.parse(text)).map(([name, value]) => [name, JSON.stringify(value)]);
  } catch {
    throw new Error("no JSON object. Write '{\"name\": 2}' or name=2.");
  }
}

function pairOf(text: string): [string, string] {
  const [, name, number] = /^\s*([^=]*[^=\s])\s*=(.*)$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`${JSON.stringify(text)} is not name=number.`);
  return [name, number.trim()];
}

/** The name that messages use: the shorter where an option has two. */
export function nameOf(option: Option): string {
  return option.short?.startsWith("--") ? option.short : (option.long ?? option.flags);
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Throws an `Error` that says what is allowed. Hexadecimal, `Infinity` and units are not numbers here. */
export function parseNumber(text: string, range: Range): number {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new Error(`not a number. It takes ${describeRange(range)}.`);
  const { whole = false, from = -Infinity, above = -Infinity, to = Infinity, below = Infinity } = range;
  const inside = value >= from && value > above && value <= to && value < below && Number.isFinite(value);
  if (!inside || (whole && !Number.isInteger(value))) throw new Error(`it takes ${describeRange(range)}.`);
  return value;
}

/** "a whole number from 1 to 4,096", "a number above 0, at most 1". */
export function describeRange({ whole = false, from, above, to, below }: Range): string {
  const kind = whole ? "a whole number" : "a number";
  const show = (bound: number) => bound.toLocaleString("en-US");
  if (from !== undefined && to !== undefined) return `${kind} from ${show(from)} to ${show(to)}`;
  const bounds = [
    ...(from === undefined ? [] : [`from ${show(from)}`]),
    ...(above === undefined ? [] : [`above ${show(above)}`]),
    ...(to === undefined ? [] : [`at most ${show(to)}`]),
    ...(below === undefined ? [] : [`below ${show(below)}`]),
  ];
  return `${kind} ${bounds.join(", ")}`;
}

/** "a, b or c". */
function orList(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function quoted(value: string): string {
  return /^[\p{L}\p{N}_.:/+-]+$/u.test(value) ? value : JSON.stringify(value);
}
