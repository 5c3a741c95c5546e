/** What the content of delimited rows says where no name and no option does: header or not, text or label. */
import type { Roles } from "./columns.ts";
import type { LabelNeeds } from "./example.ts";

/** Whether a cell could be a column's name: short, begins with a letter, no sentence. Index columns have none. */
export function nameLike(cell: string): boolean {
  return cell === "" || (/^[#\p{L}_][\p{L}\p{N} _#.:/()-]{0,63}$/u.test(cell) && cell.split(" ").length <= 4);
}

/** Fewer rows show no pattern. */
const ROWS_FOR_PATTERN = 10;

/** Whether a first row of unknown names differs from the rows below: a word over numbers, or over values that repeat. */
export function looksLikeHeader(first: readonly string[], rest: readonly string[][]): boolean {
  if (new Set(first).size < first.length || first.some((cell) => cell === "" || !nameLike(cell)))
    return false;
  return first.some((name, column) => {
    const cells = rest.map((row) => row[column] ?? "").filter((cell) => cell !== "");
    if (cells.length > 0 && cells.every(isNumeric)) return true;
    const values = new Set(cells);
    const repeats = cells.length >= ROWS_FOR_PATTERN && values.size >= 2 && values.size * 4 <= cells.length;
    return repeats && !values.has(name);
  });
}

interface Profile {
  rows: number;
  distinct: number;
  /** Characters a cell, on average. */
  length: number;
  numeric: boolean;
  integer: boolean;
}

/** Text and label of rows with two fields, or undefined where they could be either way round. */
export function tellTextFromLabel(rows: readonly string[][], kind: LabelNeeds["kind"]): Roles | undefined {
  const [a, b] = [0, 1].map((column) => profile(rows.map((row) => row[column] ?? "")));
  if (isLabel(b, a, kind)) return { text: [0], labels: [1] };
  if (isLabel(a, b, kind)) return { text: [1], labels: [0] };
  return undefined;
}

function profile(cells: readonly string[]): Profile {
  return {
    rows: cells.length,
    distinct: new Set(cells).size,
    length: cells.reduce((sum, cell) => sum + cell.length, 0) / cells.length,
    numeric: cells.every(isNumeric),
    integer: cells.every((cell) => /^\d+$/.test(cell)),
  };
}

function isLabel(label: Profile, text: Profile, kind: LabelNeeds["kind"]): boolean {
  if (text.numeric || (kind === "number" && !label.numeric)) return false;
  const isNumber = label.numeric && (kind === "number" || kind === "auto");
  const many = label.rows >= ROWS_FOR_PATTERN;
  // Whole numbers that never repeat count the rows; classes repeat.
  if (many && isNumber && label.integer && label.distinct === label.rows) return false;
  if (many && !isNumber && label.distinct * 2 > label.rows) return false;
  const muchShorter = label.length * 2 <= text.length && label.distinct <= text.distinct;
  return muchShorter || (label.length < text.length && label.distinct * 2 <= text.distinct);
}

function isNumeric(cell: string): boolean {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(cell);
}
