/**
 * Delimiter and quotes, told by the first lines of a file. Comma and semicolon files are RFC 4180 (spreadsheets write
 * them); in all others a quote is an ordinary character, as in GLUE's files, unless the lines prove that fields are quoted.
 */
import { InputError } from "../../util/errors.ts";
import { choosesText, guessRoles } from "./columns.ts";
import type { ReadOptions } from "./example.ts";
import { nameLike } from "./guess.ts";
import { delimiterOf, quoteOf } from "./layout.ts";
import { type Dialect, isBlank, RowSplitter } from "./records.ts";

export interface Head {
  name: string;
  lines: string[];
  /** Whether these are all lines of the file. */
  whole: boolean;
}

/** The head split by one dialect. */
export interface Trial {
  rows: string[][];
  splitter: RowSplitter;
  /** Share of rows that have the most usual number of fields; 0 where that is one. */
  agreement: number;
  /** Where a quote is broken; `rows` are those before it. */
  failure?: InputError;
}

/** Splits the head by a dialect, as far as its quotes allow. */
export function trySplit(head: Head, dialect: Dialect): Trial {
  const splitter = new RowSplitter(head.name, dialect);
  const rows: string[][] = [];
  let failure: InputError | undefined;
  try {
    for (const [i, line] of head.lines.entries()) {
      if (!splitter.isOpen && isBlank(line, dialect.delimiter)) continue;
      const row = splitter.push(line, i + 1);
      if (row !== undefined) rows.push(row.fields);
    }
    if (head.whole) splitter.end();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    failure = error;
  }
  return { rows, splitter, agreement: agreement(rows), failure };
}

function agreement(rows: readonly string[][]): number {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  let [mode, most] = [1, 0];
  for (const [length, count] of counts) if (count > most) [mode, most] = [length, count];
  return mode < 2 ? 0 : most / rows.length;
}

/** Delimiter and quote by the options and, where they are silent, by the head. */
export function chooseDialect(head: Head, options: ReadOptions): Dialect {
  const delimiter = delimiterOf(options) ?? chooseDelimiter(head, options);
  return { delimiter, quote: chooseQuote(head, delimiter, options) };
}

/** Below this share of agreeing rows a character is not what separates the fields. */
const LEAST_AGREEMENT = 0.5;
/** Stricter where texts alone may be meant: commas in prose agree by chance. */
const LEAST_AGREEMENT_OF_TEXTS = 0.95;

/** A delimiter that gives known column names wins, then the one on which the rows agree best; none: one text a line. */
function chooseDelimiter(head: Head, options: ReadOptions): string | undefined {
  const trials = ["\t", ",", ";", "|"].map((delimiter) => {
    const dialect = { delimiter, quote: chooseQuote(head, delimiter, options) };
    return { delimiter, ...trySplit(head, dialect) };
  });
  const named = trials.find(
    ({ rows }) => rows.length > 0 && rows[0].length > 1 && hasKnownNames(rows[0], options),
  );
  if (named !== undefined) return named.delimiter;
  const textsAlone = options.needs.label === "optional" && !choosesText(options);
  const best = trials.reduce((a, b) => (b.agreement > a.agreement ? b : a));
  if (best.agreement >= (textsAlone ? LEAST_AGREEMENT_OF_TEXTS : LEAST_AGREEMENT)) return best.delimiter;
  const [, comma] = trials;
  return isQuotedColumn(comma) ? "," : undefined;
}

/** One column whose texts are quoted, so that their commas separate nothing. */
function isQuotedColumn({ rows, splitter, failure }: Trial): boolean {
  return failure === undefined && splitter.quotedFields.length > 0 && rows.every((row) => row.length === 1);
}

function hasKnownNames(first: readonly string[], options: ReadOptions): boolean {
  const names = first.map(trimName);
  if (names.some((name) => name === options.textColumn || name === options.labelColumn)) return true;
  const { text, labels } = guessRoles(names, options.needs.kind);
  return names.every(nameLike) && (text.length > 0 || labels.length > 0);
}

/** A column's name without white space and a byte order mark from the middle of joined files. */
export function trimName(name: string): string {
  return name.replace(/^[\s\uFEFF]+|[\s\uFEFF]+$/g, "");
}

/** Fields are quoted where only that makes the rows agree, or where quotes are doubled or a whole column has them. */
function chooseQuote(head: Head, delimiter: string | undefined, options: ReadOptions): string | undefined {
  const given = quoteOf(options);
  if (given !== undefined) return given === "none" ? undefined : given;
  if (delimiter === undefined) return undefined;
  if (delimiter === "," || delimiter === ";") return '"';
  const quoted = trySplit(head, { delimiter, quote: '"' });
  const { quotedFields, doubledQuotes } = quoted.splitter;
  if (quoted.failure !== undefined || quotedFields.length === 0) return undefined;
  const plain = trySplit(head, { delimiter });
  if (quoted.agreement > plain.agreement) return '"';
  if (quoted.rows.length < plain.rows.length) return undefined;
  const wholeColumn = quotedFields.some((count) => count >= quoted.rows.length - 1);
  return doubledQuotes > 0 || wholeColumn ? '"' : undefined;
}
