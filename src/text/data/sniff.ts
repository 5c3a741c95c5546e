/** The layout of a file, told by its first lines: JSONL or delimited, header, columns. Its ending says nothing. */
import { InputError } from "../../util/errors.ts";
import { chooseRoles, choosesText, guessRoles, hasNamedColumn, highestColumnNumber } from "./columns.ts";
import { chooseDialect, type Head, trimName, trySplit } from "./dialect.ts";
import type { ReadOptions } from "./example.ts";
import { looksLikeHeader, nameLike, tellTextFromLabel } from "./guess.ts";
import { notJsonObject, parseObject } from "./json-lines.ts";
import { checkReadOptions, type Layout } from "./layout.ts";
import { readHead } from "./lines.ts";
import { type Dialect, isBlank } from "./records.ts";
import { showList } from "./show.ts";
import type { ByteSource } from "./source.ts";

/**
 * Reads the head of a source and decides what the options leave open.
 * Throws `InputError` for what is no labelled text, `UsageError` for options that no file could fit.
 */
export async function sniffLayout(source: ByteSource, options: ReadOptions): Promise<Layout> {
  checkReadOptions(options);
  const head = { name: source.name, ...(await readHead(source, options.encoding)) };
  const first = head.lines.find((line) => !isBlank(line, undefined))?.trim();
  if (first === undefined)
    throw new InputError(`${source.name} is empty.\nIt should hold rows of text: CSV, TSV or JSONL.`);
  if (options.delimiter === undefined) {
    if (/^\{\s*("|$)/.test(first)) return sniffJsonl(head, options);
    if (/^\[\s*(\{|$)/.test(first)) throw jsonArray(source.name);
  }
  return sniffDelimited(head, options);
}

/** The error for JSON that is one array. */
export function jsonArray(name: string): InputError {
  return new InputError(
    `${name} is one JSON array; JSONL is read, one object a line.\nConvert it: jq -c '.[]' ${name} > rows.jsonl`,
  );
}

/** Columns are the keys of the head's objects. A line that is no object is reported when the rows are read. */
function sniffJsonl({ name, lines }: Head, options: ReadOptions): Layout {
  const keys = new Set<string>();
  for (const line of lines) for (const key of Object.keys(parseObject(line) ?? {})) keys.add(key);
  if (keys.size === 0) throw notJsonObject(name, 1 + lines.findIndex((line) => line.trim() !== ""));
  const columns = [...keys];
  const roles = chooseRoles(name, columns, options);
  return {
    format: "jsonl",
    header: false,
    columns,
    roles,
    columnsBy: choosesText(options) ? "options" : "names",
  };
}

function sniffDelimited(head: Head, options: ReadOptions): Layout {
  const dialect = chooseDialect(head, options);
  const { rows, failure } = trySplit(head, dialect);
  if (rows.length === 0)
    throw (
      failure ??
      new InputError(`${head.name} has only blank rows.\nIt should hold rows of text: CSV, TSV or JSONL.`)
    );
  const first = rows[0].map(trimName);
  const header = chooseHeader(first, rows.slice(1), dialect.delimiter, options);
  if (!header) return { format: "delimited", header, ...withoutHeader(head, dialect, rows, options) };
  const roles = chooseRoles(head.name, first, options);
  const columnsBy = choosesText(options) ? "options" : "names";
  return { format: "delimited", header, ...restOf(dialect, first.length), columns: first, roles, columnsBy };
}

function chooseHeader(
  first: string[],
  rest: string[][],
  delimiter: string | undefined,
  options: ReadOptions,
): boolean {
  if (options.header !== undefined) return options.header;
  if (hasNamedColumn(options)) return true;
  const { text, labels } = guessRoles(first, options.needs.kind);
  // The words of a sentence are no column names: between spaces both roles must be there.
  if (delimiter === " ") return text.length > 0 && labels.length > 0;
  return first.every(nameLike) && (text.length > 0 || labels.length > 0 || looksLikeHeader(first, rest));
}

/** A space separates the first columns only ("LABEL and then the text"): the last one takes the rest of the line. */
function restOf(dialect: Dialect, columns: number): Dialect {
  return dialect.delimiter === " " && dialect.quote === undefined
    ? { ...dialect, maxFields: columns }
    : dialect;
}

/** Columns by number, or two that their content tells apart. */
function withoutHeader(
  head: Head,
  dialect: Dialect,
  rows: string[][],
  options: ReadOptions,
): Dialect & Pick<Layout, "columns" | "roles" | "columnsBy"> {
  if (hasNamedColumn(options)) throw namesWithoutHeader(head.name);
  const rest = restOf(dialect, Math.max(2, highestColumnNumber(options)));
  const count = rest.maxFields ?? rows.reduce((most, row) => Math.max(most, row.length), 0);
  const columns = Array.from({ length: count }, (_, i) => String(i + 1));
  if (choosesText(options) || options.labelColumn !== undefined) {
    const roles = chooseRoles(head.name, columns, count === 2 ? withOtherColumn(options) : options);
    return { ...rest, columns, roles, columnsBy: "options" };
  }
  const roles = tellRoles(rows, rest, count, options);
  if (roles === undefined) throw cannotTell(head.name, rows[0], count);
  return { ...rest, columns, roles, columnsBy: "content" };
}

/** Of two columns the one that no option names is the other one. */
function withOtherColumn(options: ReadOptions): ReadOptions {
  const { textColumn, textPairColumn, labelColumn, needs } = options;
  if (textPairColumn !== undefined) return options;
  if (textColumn === undefined) return { ...options, textColumn: otherOfTwo(labelColumn) };
  if (labelColumn !== undefined || needs.label === "optional") return options;
  return { ...options, labelColumn: otherOfTwo(textColumn) };
}

function otherOfTwo(column: ReadOptions["textColumn"]): number | undefined {
  return { 1: 2, 2: 1 }[Number(column)];
}

function tellRoles(
  rows: string[][],
  { maxFields }: Dialect,
  count: number,
  { needs }: ReadOptions,
): Layout["roles"] | undefined {
  if (maxFields !== undefined) return { text: [1], labels: [0] };
  if (count === 1 && needs.label === "optional") return { text: [0], labels: [] };
  return count === 2 ? tellTextFromLabel(rows, needs.kind) : undefined;
}

function namesWithoutHeader(name: string): InputError {
  return new InputError(
    `${name}: without a header columns have no names.\nGive their numbers, from 1, or leave out --no-header.`,
  );
}

function cannotTell(name: string, first: readonly string[], count: number): InputError {
  if (count === 1) {
    return new InputError(
      `${name}: one column, but a text and a label are needed.\nName what separates them with --delimiter; in "LABEL and then the text" it is --delimiter " ".`,
    );
  }
  return new InputError(
    `${name}: no header, and which of ${count} columns to read cannot be told. The first row: ${showList(first)}.\nNumber them from 1: --text-column N [--text-pair-column N] --label-column N.`,
  );
}
