/** CoNLL columns told by content: what separates them, which holds the words, which the tags; or plain texts. */
import { InputError } from "../../../util/errors.ts";
import { nameKey, pick } from "../columns.ts";
import { delimiterOf } from "../layout.ts";
import { isBlank } from "../records.ts";
import { show } from "../show.ts";
import { isComment, isDocumentStart, splitColumns } from "./conll.ts";
import type { ConllLayout, PlainLayout } from "./layout.ts";
import type { TaggingReadOptions } from "./tagged-example.ts";

const WORD_NAMES = new Set("word words token tokens form text".split(" "));
const TAG_NAMES = new Set(
  "tag tags label labels ner nertag nertags pos postag postags upos xpos chunk slot entity".split(" "),
);

/** Of the lines so many must have the same number of columns, or they are sentences of plain text. */
const REGULAR_SHARE = 0.9;

/** Throws `InputError` where words and tags cannot be told. */
export function sniffColumns(
  name: string,
  lines: readonly string[],
  options: TaggingReadOptions,
): ConllLayout | PlainLayout {
  const data = dataLines(lines);
  const delimiter = chooseDelimiter(data, options);
  const rows = data.map((line) => splitColumns(line, delimiter));
  const count = mostCommon(rows.map((row) => row.length));
  if (isPlain(lines, rows, count, delimiter, options)) return { kind: "plain" };
  const header = hasHeader(rows[0], options);
  const columns = header ? rows[0] : Array.from({ length: count }, (_, i) => String(i + 1));
  if (options.needs.tags === "required") checkShape(name, rows, columns.length);
  const roles = chooseColumns(name, columns, options);
  checkWords(name, rows, roles.words);
  return { kind: "conll", delimiter, header, columns, ...roles };
}

/** Lines of words, or all that are not blank where there are none. */
function dataLines(lines: readonly string[]): string[] {
  const full = lines.filter((line) => !isBlank(line, undefined));
  const data = full.filter((line) => !isComment(line) && !isDocumentStart(line));
  return data.length === 0 ? full : data;
}

function chooseDelimiter(lines: readonly string[], options: TaggingReadOptions): string | undefined {
  const chosen = delimiterOf(options);
  if (chosen !== undefined) return chosen === " " ? undefined : chosen;
  return lines.filter((line) => line.includes("\t")).length * 2 >= lines.length ? "\t" : undefined;
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** Whether each line is a text to be tagged. Without tags in it a file does not say so itself. */
function isPlain(
  lines: readonly string[],
  rows: readonly string[][],
  count: number,
  delimiter: string | undefined,
  { needs, textColumn, tagColumn, delimiter: chosen }: TaggingReadOptions,
): boolean {
  if (needs.tags === "required" || [textColumn, tagColumn, chosen].some((option) => option !== undefined))
    return false;
  // One word would be a whole sentence: a text is likelier, whatever its last word looks like.
  if (rows.length === 1) return true;
  if (count === 1) return !hasWordsBySentence(lines);
  if (delimiter !== undefined) return false;
  const regular = rows.filter((row) => row.length === count);
  return regular.length < REGULAR_SHARE * rows.length || !lookLikeTags(regular.map((row) => row[count - 1]));
}

/** Whether a blank line ends some run of lines: words a line, and not texts a line. */
function hasWordsBySentence(lines: readonly string[]): boolean {
  return lines.some(
    (line, i) =>
      i >= 2 && isBlank(line, undefined) && !lines.slice(i - 2, i).some((word) => isBlank(word, undefined)),
  );
}

/** Fewer values show no pattern. */
const VALUES_FOR_PATTERN = 20;

function lookLikeTags(values: readonly string[]): boolean {
  const tags = values.filter((value) => /^(O|[BIESLU]-.+)$/.test(value));
  if (tags.length >= REGULAR_SHARE * values.length) return true;
  return values.length >= VALUES_FOR_PATTERN && new Set(values).size * 4 <= values.length;
}

function hasHeader(first: readonly string[], { textColumn, tagColumn }: TaggingReadOptions): boolean {
  if ([textColumn, tagColumn].some((choice) => typeof choice === "string" && !/^\d+$/.test(choice)))
    return true;
  const keys = first.map(nameKey);
  return keys.some((key) => WORD_NAMES.has(key)) && keys.some((key) => TAG_NAMES.has(key));
}

function checkShape(name: string, rows: readonly string[][], count: number): void {
  if (count === 1) {
    throw new InputError(
      `${name}: one column, but a word and its tag are needed on each line.\nName what separates them with --delimiter; a blank line ends a sentence.`,
    );
  }
  if (rows.filter((row) => row.length === count).length * 2 >= rows.length) return;
  const counts = rows.map((row) => row.length);
  throw new InputError(
    `${name}: cannot tell words and tags: its lines have ${Math.min(...counts)} to ${Math.max(...counts)} columns.\nIt should be a word and its tag a line, CoNLL-U, or JSONL with words and tags or text and spans.`,
  );
}

/** Tables of whole texts, such as those of text classification, have columns too. */
function checkWords(name: string, rows: readonly string[][], column: number): void {
  const texts = rows.filter((row) => row[column]?.trim().includes(" "));
  if (texts.length * 2 <= rows.length) return;
  throw new InputError(
    `${name}: column ${column + 1} holds texts of several words, but a line is one word and its tag.\nGive the words' column with --text-column; whole texts with spans are read from JSONL.`,
  );
}

/** The first column holds the words and the last the tags, unless the options say otherwise. */
function chooseColumns(
  name: string,
  columns: readonly string[],
  { textColumn, tagColumn }: TaggingReadOptions,
): { words: number; tags?: number } {
  const last = columns.length - 1;
  const chosenWords = pick(name, columns, "--text-column", textColumn)[0];
  const chosenTags = pick(name, columns, "--tag-column", tagColumn)[0];
  const words = chosenWords ?? (chosenTags === 0 ? last : 0);
  const tags = chosenTags ?? (words === last ? 0 : last);
  if (columns.length === 1) return { words };
  if (words === tags) {
    throw new InputError(
      `${name}: column ${show(columns[words])} cannot hold both words and tags.\nGive --text-column and --tag-column a column each.`,
    );
  }
  return { words, tags };
}
