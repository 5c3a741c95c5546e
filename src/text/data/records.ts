/**
 * Lines to fields, for any one-character delimiter. With a quote: RFC 4180, where a quoted field may hold delimiters,
 * line ends and doubled quotes, and a quote inside an unquoted field is an ordinary character. Without: a plain split.
 */
import { InputError } from "../../util/errors.ts";
import { MAX_ROW_CHARACTERS } from "./lines.ts";

export interface Dialect {
  /** Undefined: each line is one field. */
  delimiter?: string;
  /** Undefined: quotes are ordinary characters. */
  quote?: string;
  /** Where it is given, the last of so many fields takes the rest of the line. Without quotes only. */
  maxFields?: number;
}

export interface Row {
  fields: string[];
  /** Where the row starts and, with a quoted line end, stops. */
  line: number;
  lastLine: number;
}

/** Takes lines in order and gives a row for each that completes one. Throws `InputError` where a quote is broken. */
export class RowSplitter {
  /** How many fields of each column were quoted, and how many quotes inside them were doubled. */
  readonly quotedFields: number[] = [];
  doubledQuotes = 0;
  readonly #name: string;
  readonly #dialect: Dialect;
  #fields: string[] = [];
  #startLine = 0;
  /** A quoted field that is not closed yet, and where its quote stands. */
  #open: { text: string; line: number; character: number } | undefined;

  constructor(name: string, dialect: Dialect) {
    this.#name = name;
    this.#dialect = dialect;
  }

  /** The row that ends with this line, or undefined inside a quoted field. */
  push(line: string, number: number): Row | undefined {
    const { delimiter, quote, maxFields } = this.#dialect;
    if (this.#open === undefined) {
      if (delimiter === undefined) return { fields: [line], line: number, lastLine: number };
      if (quote === undefined || !line.includes(quote)) {
        const fields =
          maxFields === undefined ? line.split(delimiter) : splitAtMost(line, delimiter, maxFields);
        return { fields, line: number, lastLine: number };
      }
      this.#fields = [];
      this.#startLine = number;
    }
    if (!this.#scan(line, number)) return undefined;
    return { fields: this.#fields, line: this.#startLine, lastLine: number };
  }

  /** To be called after the last line. */
  end(): void {
    if (this.#open !== undefined) throw this.#brokenQuote("is never closed");
  }

  /** Whether a quoted field goes on over the end of the lines so far. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Takes fields from a line that has quotes, or that goes on inside one; false where it ends inside one. */
  #scan(line: string, number: number): boolean {
    const { delimiter, quote } = this.#dialect;
    let at = 0;
    for (;;) {
      if (this.#open === undefined && line[at] !== quote) {
        const end = line.indexOf(delimiter as string, at);
        this.#fields.push(end < 0 ? line.slice(at) : line.slice(at, end));
        if (end < 0) return true;
        at = end + 1;
        continue;
      }
      if (this.#open === undefined) {
        this.#open = { text: "", line: number, character: at + 1 };
        at++;
      }
      at = this.#takeQuoted(line, at, number);
      if (at < 0) return false;
      if (at === line.length) return true;
      at++; // the delimiter
    }
  }

  /** Reads a quoted field from `at`; the position after its closing quote, or -1 where the line ends first. */
  #takeQuoted(line: string, at: number, number: number): number {
    const { delimiter, quote } = this.#dialect as Required<Dialect>;
    const open = this.#open as { text: string; line: number; character: number };
    for (;;) {
      const end = line.indexOf(quote, at);
      if (end < 0) {
        open.text += `${line.slice(at)}\n`;
        if (open.text.length > MAX_ROW_CHARACTERS)
          throw this.#brokenQuote("is not closed within the next 8 million characters");
        return -1;
      }
      open.text += line.slice(at, end);
      at = end + 1;
      if (line[at] === quote) {
        open.text += quote;
        this.doubledQuotes++;
        at++;
        continue;
      }
      if (at < line.length && line[at] !== delimiter) {
        throw this.#brokenQuote(`ends before other text at line ${number}, character ${at + 1}`);
      }
      const column = this.#fields.push(open.text) - 1;
      this.quotedFields[column] = (this.quotedFields[column] ?? 0) + 1;
      this.#open = undefined;
      return at;
    }
  }

  #brokenQuote(what: string): InputError {
    const { line, character } = this.#open as { line: number; character: number };
    const option = this.#dialect.quote === '"' ? "--quote none" : "another --quote";
    return new InputError(
      `${this.#name}:${line}: the quote that opens at character ${character} ${what}.\nClose it and double the quotes inside, or use ${option} if quotes are ordinary characters here.`,
    );
  }
}

/** Splits at the first `count - 1` delimiters. */
function splitAtMost(line: string, delimiter: string, count: number): string[] {
  const fields: string[] = [];
  let at = 0;
  while (fields.length < count - 1) {
    const end = line.indexOf(delimiter, at);
    if (end < 0) break;
    fields.push(line.slice(at, end));
    at = end + 1;
  }
  fields.push(line.slice(at));
  return fields;
}

/** Whether a line has nothing but delimiters and white space: spreadsheets leave such lines behind, they are no rows. */
export function isBlank(line: string, delimiter: string | undefined): boolean {
  for (let i = 0; i < line.length; i++) {
    if (line.charCodeAt(i) > 0x20 && line[i] !== delimiter) return line.trim() === "";
  }
  return true;
}
