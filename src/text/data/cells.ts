/** The cells of a row to an example: text joined, labels split and checked for what the task needs. */
import { InputError, UsageError } from "../../util/errors.ts";
import type { Roles } from "./columns.ts";
import type { Example, ReadOptions } from "./example.ts";
import { show } from "./show.ts";

/** Strings of a delimited row, or the values of an object in the order of the columns. */
export type Cells = readonly unknown[];

export interface CellReader {
  /** Throws `InputError` naming `line`. */
  read(cells: Cells, line: number): Example;
}

/** Fixes roles and options once, so that a row costs no decisions. */
export function createCellReader(
  name: string,
  columns: readonly string[],
  roles: Roles,
  options: ReadOptions,
): CellReader {
  const context = { name, columns, roles, options };
  const readLabel = chooseLabelReader(context);
  const { textPair } = roles;
  return {
    read(cells, line) {
      const example: Example = { text: textOf(context, cells, line), line };
      if (textPair !== undefined) example.textPair = stringCell(context, cells, textPair, line);
      const label = readLabel?.(cells, line);
      if (label !== undefined) example.label = label;
      return example;
    },
  };
}

interface Context {
  name: string;
  columns: readonly string[];
  roles: Roles;
  options: ReadOptions;
}

type LabelReader = (cells: Cells, line: number) => string | string[] | undefined;

/** Undefined where there are no labels. Throws `UsageError` where columns and kind do not fit. */
function chooseLabelReader(context: Context): LabelReader | undefined {
  const { labels } = context.roles;
  const { kind, label } = context.options.needs;
  if (labels.length === 0) return undefined;
  if (labels.length > 1) {
    if (kind === "multi" || kind === "auto") return (cells, line) => labelsOfColumns(context, cells, line);
    if (label === "optional") return undefined;
    throw new UsageError(
      `--label-column names ${labels.length} columns, which means several labels a row.\nAdd --problem-type multi_label_classification, or name one column.`,
    );
  }
  return label === "optional"
    ? (cells) => labelAsWritten(cells[labels[0]], context.options.labelSeparator)
    : (cells, line) => labelOf(context, cells, line);
}

function textOf(context: Context, cells: Cells, line: number): string {
  const { text } = context.roles;
  if (text.length === 1) return stringCell(context, cells, text[0], line);
  return text.map((column) => stringCell(context, cells, column, line)).join(" ");
}

function stringCell(context: Context, cells: Cells, column: number, line: number): string {
  const cell = cells[column];
  if (typeof cell === "string") return cell;
  const got = cell === undefined ? "is missing" : `is ${describeType(cell)}`;
  throw rowError(
    context,
    line,
    `${show(context.columns[column])} ${got}; a text is needed.`,
    "Correct the row or leave it out.",
  );
}

/** Columns of 0 and 1; the labels are the names of those that hold 1. */
function labelsOfColumns(context: Context, cells: Cells, line: number): string[] | undefined {
  const found: string[] = [];
  for (const column of context.roles.labels) {
    const value = String(cells[column] ?? "")
      .trim()
      .toLowerCase();
    if (/^(1|1\.0|true)$/.test(value)) found.push(context.columns[column]);
    else if (!/^(0|0\.0|false)$/.test(value)) {
      if (context.options.needs.label === "optional") return undefined;
      throw rowError(
        context,
        line,
        `column ${show(context.columns[column])} holds ${show(value)}; 0 or 1 is needed.`,
        "Correct the row.",
      );
    }
  }
  return found;
}

/** For prediction: whatever stands there. */
function labelAsWritten(cell: unknown, separator: string | undefined): string | string[] | undefined {
  if (Array.isArray(cell)) return cell.map(String);
  const label = scalar(cell);
  if (label === undefined || label === "") return undefined;
  return separator === undefined ? label : splitLabels(label, separator);
}

function labelOf(context: Context, cells: Cells, line: number): string | string[] {
  const { needs, labelSeparator } = context.options;
  const cell = cells[context.roles.labels[0]];
  const several = needs.kind === "multi" || needs.kind === "auto";
  if (Array.isArray(cell)) {
    if (several) return [...new Set(cell.map((item) => oneLabel(context, item, line)))];
    const advice = "Add --problem-type multi_label_classification, or give one label a row.";
    throw rowError(context, line, "the label is a list.", advice);
  }
  if (several && labelSeparator !== undefined) return splitLabels(scalar(cell) ?? "", labelSeparator);
  if (needs.kind === "multi" && scalar(cell) === "") return [];
  const label = oneLabel(context, cell, line);
  if (needs.kind === "number") checkNumber(context, label, line);
  return needs.kind === "multi" ? [label] : label;
}

function oneLabel(context: Context, cell: unknown, line: number): string {
  const label = scalar(cell);
  const column = show(context.columns[context.roles.labels[0]]);
  if (label === "" || cell === undefined || cell === null) {
    throw rowError(context, line, `no label in column ${column}.`, "Give the row a label or leave it out.");
  }
  if (label === undefined) {
    throw rowError(
      context,
      line,
      `the label in ${column} is ${describeType(cell)}.`,
      "A string or a number is needed.",
    );
  }
  return label;
}

/** What a label may be written as; undefined for anything else. */
function scalar(cell: unknown): string | undefined {
  if (typeof cell === "string") return cell.trim();
  return typeof cell === "number" || typeof cell === "boolean" || typeof cell === "bigint"
    ? String(cell)
    : undefined;
}

function splitLabels(cell: string, separator: string): string[] {
  const labels = cell.split(separator).map((label) => label.trim());
  return [...new Set(labels)].filter((label) => label !== "");
}

function checkNumber(context: Context, label: string, line: number): void {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(label) && Number.isFinite(Number(label))) return;
  const column = show(context.columns[context.roles.labels[0]]);
  const advice = /^[+-]?\d+,\d+$/.test(label)
    ? "Write it with a decimal point."
    : "Correct the row; for classes leave out --problem-type regression.";
  throw rowError(context, line, `${show(label)} in column ${column} is not a finite number.`, advice);
}

function rowError({ name }: Context, line: number, what: string, advice: string): InputError {
  return new InputError(`${name}:${line}: ${what}\n${advice}`);
}

function describeType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
