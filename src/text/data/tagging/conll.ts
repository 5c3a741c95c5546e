/**
 * Lines of CoNLL columns and of CoNLL-U. Tjong Kim Sang & De Meulder 2003; universaldependencies.org/format.
 * What each line is; sentences are put together in sentences.ts.
 */
import { InputError } from "../../../util/errors.ts";
import { isBlank } from "../records.ts";
import { show } from "../show.ts";
import { CONLLU_COLUMNS, type ConllLayout, type ConlluLayout } from "./layout.ts";
import type { TaggingReadOptions } from "./tagged-example.ts";

/** A word with its tag where it has one, the end of a sentence, or a line that is neither. */
export type ConllLine = { word: string; tag?: string } | "end" | "skip";

/** Takes the lines of one file in order; `isInside`: whether the sentence has words already. */
export type ConllLineReader = (line: string, number: number, isInside: boolean) => ConllLine;

/** Whether a line may be a comment. `#` alone and `#word` may be words. */
export function isComment(line: string): boolean {
  return /^#[ \t]/.test(line);
}

/** CoNLL-2003's mark between documents, which is no word. */
export function isDocumentStart(line: string): boolean {
  return /^-DOCSTART-([ \t]|$)/.test(line);
}

/** Cells of a line; no delimiter: white space. Only spaces and tabs separate, as a word may be another such character. */
export function splitColumns(line: string, delimiter: string | undefined): string[] {
  if (delimiter !== undefined) return line.split(delimiter);
  return line.replace(/^[ \t]+|[ \t]+$/g, "").split(/[ \t]+/);
}

/**
 * Comments stand before a sentence and have other columns than it, or words in the first.
 * Throws `InputError` for a line of another number of columns and for a word or needed tag that is empty.
 */
export function conllLines(
  name: string,
  layout: ConllLayout,
  { needs }: TaggingReadOptions,
): ConllLineReader {
  const { delimiter, columns, words, tags } = layout;
  let { header } = layout;
  return (line, number, isInside) => {
    if (isBlank(line, delimiter) || isDocumentStart(line)) return "end";
    const cells = splitColumns(line, delimiter);
    if (!isInside && isComment(line) && (cells.length !== columns.length || /^# +[^ ]/.test(cells[0])))
      return "skip";
    if (header) {
      header = false;
      return "skip";
    }
    if (cells.length !== columns.length) throw unequalColumns(name, number, cells.length, columns.length);
    const tag = tags === undefined ? undefined : cells[tags].trim();
    if (cells[words] === "") throw emptyCell(name, number, "word", words);
    if (tag === "" && needs.tags === "required") throw emptyCell(name, number, "tag", tags!);
    return { word: cells[words], tag: tag === "" ? undefined : tag };
  };
}

function unequalColumns(name: string, line: number, count: number, expected: number): InputError {
  return new InputError(
    `${name}:${line}: ${count} ${count === 1 ? "column" : "columns"}, but ${expected} on other lines.\nEach line is a word and its tags; a blank line ends a sentence. --delimiter names what separates them.`,
  );
}

function emptyCell(name: string, line: number, what: string, column: number): InputError {
  return new InputError(`${name}:${line}: no ${what} in column ${column + 1}.\nAdd it, or remove the line.`);
}

/** Where `_` is a value of its own and not a missing one: most words have no features. */
const UNDERSCORE_IS_VALUE = new Set(["form", "lemma", "feats", "deps", "misc"]);

/**
 * Words only: comments, ranges (`1-2`, a token of several words) and empty nodes (`1.1`) are no words to tag.
 * Throws `InputError` for other than ten columns, a broken id, a sentence that begins inside another, a needed tag
 * that is `_`.
 */
export function conlluLines(
  name: string,
  layout: ConlluLayout,
  { needs }: TaggingReadOptions,
): ConllLineReader {
  const underscoreIsValue = UNDERSCORE_IS_VALUE.has(CONLLU_COLUMNS[layout.tags]);
  return (line, number, isInside) => {
    if (isBlank(line, undefined)) return "end";
    if (line.startsWith("#")) return "skip";
    const cells = line.split("\t");
    if (cells.length !== CONLLU_COLUMNS.length) throw notTenColumns(name, number, cells.length);
    if (/^\d+[-.]\d+$/.test(cells[0])) return "skip";
    checkId(name, number, cells[0], isInside);
    const [word, tag] = [cells[layout.words], cells[layout.tags].trim()];
    const missing = tag === "" || (tag === "_" && !underscoreIsValue);
    if (word === "") throw emptyCell(name, number, "word", layout.words);
    if (missing && needs.tags === "required") throw noConlluTag(name, number, layout.tags);
    return { word, tag: missing ? undefined : tag };
  };
}

function notTenColumns(name: string, line: number, count: number): InputError {
  return new InputError(
    `${name}:${line}: ${count} ${count === 1 ? "column" : "columns"}, but CoNLL-U has ten with tabs between them.\nCorrect the line; unknown values are written _.`,
  );
}

function checkId(name: string, line: number, id: string, isInside: boolean): void {
  if (!/^\d+$/.test(id))
    throw new InputError(
      `${name}:${line}: id ${show(id)} is no number.\nCoNLL-U ids are 1, 2, …; 1-2 is a range.`,
    );
  if (isInside && id === "1")
    throw new InputError(
      `${name}:${line}: id 1 inside a sentence.\nAdd the blank line that ends the sentence before.`,
    );
}

function noConlluTag(name: string, line: number, column: number): InputError {
  return new InputError(
    `${name}:${line}: no ${CONLLU_COLUMNS[column]} tag.\nChoose another column with --tag-column: upos, xpos or a number.`,
  );
}
