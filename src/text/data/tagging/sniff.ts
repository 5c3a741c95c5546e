/** The layout of a file of tagged words, told by its first lines: JSONL, CoNLL-U, CoNLL columns. */
import { InputError } from "../../../util/errors.ts";
import { pick } from "../columns.ts";
import { notJsonObject, parseObject } from "../json-lines.ts";
import { readHead } from "../lines.ts";
import { isBlank } from "../records.ts";
import { jsonArray } from "../sniff.ts";
import type { ByteSource } from "../source.ts";
import { chooseKeys } from "./keys.ts";
import { CONLLU_COLUMNS, type ConlluLayout, checkTaggingOptions, type TaggingLayout } from "./layout.ts";
import { sniffColumns } from "./sniff-columns.ts";
import type { TaggingReadOptions } from "./tagged-example.ts";

/**
 * Reads the head of a source and decides what the options leave open.
 * Throws `InputError` for what holds no tagged words, `UsageError` for options that no file could fit.
 */
export async function sniffTagging(source: ByteSource, options: TaggingReadOptions): Promise<TaggingLayout> {
  checkTaggingOptions(options);
  const { name } = source;
  const { lines } = await readHead(source, options.encoding);
  const first = lines.find((line) => !isBlank(line, undefined))?.trim();
  if (first === undefined)
    throw new InputError(`${name} is empty.\nIt should hold sentences of tagged words.`);
  if (options.delimiter === undefined) {
    if (/^\{\s*("|$)/.test(first)) return chooseKeys(name, headObjects(name, lines), options);
    if (/^\[\s*(\{|$)/.test(first)) throw jsonArray(name);
    if (isConllu(lines)) return conlluLayout(name, options);
  }
  return sniffColumns(name, lines, options);
}

/** A line that is no object is reported when the rows are read. */
function headObjects(name: string, lines: readonly string[]): Record<string, unknown>[] {
  const objects = lines.map(parseObject).filter((object) => object !== undefined);
  if (objects.length === 0)
    throw notJsonObject(name, 1 + lines.findIndex((line) => !isBlank(line, undefined)));
  return objects;
}

/** CoNLL-U, and CoNLL-X with it: ten columns of which the first is the word's id. */
function isConllu(lines: readonly string[]): boolean {
  const row = lines.find((line) => !isBlank(line, undefined) && !line.startsWith("#"))?.split("\t");
  return row?.length === CONLLU_COLUMNS.length && /^\d+([-.]\d+)?$/.test(row[0]);
}

function conlluLayout(
  name: string,
  { textColumn = "form", tagColumn = "upos" }: TaggingReadOptions,
): ConlluLayout {
  const column = (option: string, choice: string | number) =>
    pick(name, CONLLU_COLUMNS, option, String(choice).toLowerCase())[0];
  return {
    kind: "conllu",
    words: column("--text-column", textColumn),
    tags: column("--tag-column", tagColumn),
  };
}
