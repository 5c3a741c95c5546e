/** How a file is laid out, as data: what the options said and what its content told. */
import { UsageError } from "../../util/errors.ts";
import type { Roles } from "./columns.ts";
import { createDecoder } from "./decode.ts";
import type { ReadOptions } from "./example.ts";
import type { Dialect } from "./records.ts";
import { show } from "./show.ts";

/** Delimiter and quote are undefined for JSONL. */
export interface Layout extends Dialect {
  format: "delimited" | "jsonl";
  /** Whether the first row holds names. False for JSONL. */
  header: boolean;
  /** Header names, JSON keys, or numbers from 1. */
  columns: string[];
  roles: Roles;
  /** What told the columns. */
  columnsBy: "options" | "names" | "content";
}

/** Names that stand for a delimiter which a shell makes hard to type. */
const DELIMITERS: Record<string, string> = { tab: "\t", "\\t": "\t", comma: ",", space: " ", semicolon: ";" };
const DELIMITER_NAMES: Record<string, string> = { "\t": "tab", ",": "comma", " ": "space" };

/** The delimiter character that the option names. Throws `UsageError`. */
export function delimiterOf({ delimiter }: Pick<ReadOptions, "delimiter">): string | undefined {
  if (delimiter === undefined) return undefined;
  const character = DELIMITERS[delimiter] ?? delimiter;
  if (character.length === 1 && !"\r\n".includes(character)) return character;
  throw new UsageError(`--delimiter ${JSON.stringify(delimiter)}: give tab, comma or one character.`);
}

/** The quote character that the option names, `none` included. Throws `UsageError`. */
export function quoteOf({ quote }: Pick<ReadOptions, "quote">): string | undefined {
  if (quote === undefined || quote === "none" || (quote.length === 1 && !"\r\n".includes(quote)))
    return quote;
  throw new UsageError(`--quote ${JSON.stringify(quote)}: give none or one character.`);
}

/** Checks what can be checked before any file is opened. Throws `UsageError`. */
export function checkReadOptions(options: ReadOptions): void {
  const [delimiter, quote] = [delimiterOf(options), quoteOf(options)];
  if (delimiter !== undefined && delimiter === quote) {
    throw new UsageError(
      "--delimiter and --quote are the same character.\nGive two different ones, or --quote none.",
    );
  }
  createDecoder(options.encoding);
  if (options.labelSeparator === "")
    throw new UsageError("--label-separator is empty: give the text between two labels.");
}

/** One line for people: `train.tsv: tab-separated, header, quotes are ordinary characters; text "sentence", label "label"`. */
export function describeLayout(name: string, layout: Layout): string {
  const { text, textPair, labels } = layout.roles;
  const column = (at: number) =>
    layout.header || layout.format === "jsonl" ? show(layout.columns[at]) : `column ${at + 1}`;
  const parts = [
    `text ${text.map(column).join(" + ")}`,
    ...(textPair === undefined ? [] : [`second text ${column(textPair)}`]),
    labels.length === 0 ? "no label" : `label ${labels.map(column).join(", ")}`,
  ];
  return `${name}: ${describeFormat(layout)}; ${parts.join(", ")}${layout.columnsBy === "content" ? " (told by content)" : ""}`;
}

function describeFormat({ format, delimiter, quote, header }: Layout): string {
  if (format === "jsonl") return "JSONL";
  if (delimiter === undefined) return `one text a line, ${header ? "header" : "no header"}`;
  const separated = `${DELIMITER_NAMES[delimiter] ?? delimiter}-separated`;
  const quotes =
    quote === undefined ? "quotes are ordinary characters" : `fields may be quoted with ${quote}`;
  return `${separated}, ${header ? "header" : "no header"}, ${quotes}`;
}
