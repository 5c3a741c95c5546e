/** Rows with fewer fields than are read, or more than the header names, and the likely cause. */
import { InputError } from "../../util/errors.ts";
import type { Layout } from "./layout.ts";
import type { Row } from "./records.ts";

const DELIMITER_WORDS: Record<string, string> = { "\t": "tab", ",": "comma", ";": "semicolon", "|": "bar" };

/**
 * The check for the rows of one file. Where a header says how many fields there are, each row has as many, empty ones
 * at its end apart; without one a row needs the columns that are read. `line` is the row's last line.
 * The check throws `InputError`.
 */
export function createFieldCheck(name: string, layout: Layout): (row: Row, line: string) => void {
  const { header, columns } = layout;
  const expected = header ? columns.length : neededColumns(layout);
  return (row, line) => {
    const { fields } = row;
    if (fields.length === expected || (fields.length > expected && !header)) return;
    if (fields.length > expected && fields.slice(expected).every((field) => field === "")) return;
    const found = `${fields.length} ${fields.length === 1 ? "field" : "fields"}`;
    const wanted = header ? `the header has ${expected}` : `${expected} are needed`;
    const cause = fields.length > expected ? surplusCause(layout, row, line) : shortCause(layout, row);
    throw new InputError(`${name}:${row.line}: ${found}, ${wanted}${cause}`);
  };
}

function neededColumns({ roles }: Layout): number {
  return 1 + Math.max(...roles.text, roles.textPair ?? 0, ...roles.labels);
}

function surplusCause(layout: Layout, row: Row, line: string): string {
  const word = DELIMITER_WORDS[layout.delimiter ?? ""] ?? "delimiter";
  const advice = layout.quote === undefined ? `Take the ${word} out of the text` : "Quote the text";
  if (row.lastLine > row.line) return `; it goes on to line ${row.lastLine}.\nIs a quote missing there?`;
  const at = strayDelimiter(layout, row, line);
  return `${at === undefined ? "" : `; stray ${word} at character ${at + 1}`}.\n${advice} or set --delimiter.`;
}

/** Position of the delimiter that probably belongs to a text: after its first piece, rather before a space. */
function strayDelimiter(layout: Layout, { fields }: Row, line: string): number | undefined {
  const { delimiter, quote } = layout;
  if (delimiter === undefined || (quote !== undefined && line.includes(quote))) return undefined;
  const start = fields.slice(0, layout.roles.text[0]).reduce((sum, field) => sum + field.length + 1, 0);
  const beforeSpace = line.indexOf(`${delimiter} `, start);
  return beforeSpace >= 0 ? beforeSpace : line.indexOf(delimiter, start);
}

function shortCause(layout: Layout, row: Row): string {
  if (row.lastLine > row.line) return `; it goes on to line ${row.lastLine}.\nIs a quote missing there?`;
  const quoted =
    layout.quote === undefined ? `; if texts are quoted over several lines, use --quote '"'` : "";
  return `.\nIt may be cut off, or a text holds a line end${quoted}.`;
}
