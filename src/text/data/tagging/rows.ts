/** Rows of words and tags, or of text and spans, to examples. */
import { InputError } from "../../../util/errors.ts";
import { notJsonObject, parseObject } from "../json-lines.ts";
import { isBlank } from "../records.ts";
import { show } from "../show.ts";
import type { RowsLayout, SpanRowsLayout, WordRowsLayout } from "./layout.ts";
import { entitiesOf } from "./spans.ts";
import type { TaggedExample, TaggingReadOptions } from "./tagged-example.ts";
import { Fault, kindOf, tagsOf, wordsOf } from "./values.ts";

/** Takes an object and its line or number. Throws `InputError` naming it. */
export type RowReader = (row: Record<string, unknown>, line: number) => TaggedExample;

export function createRowReader(name: string, layout: RowsLayout, options: TaggingReadOptions): RowReader {
  return layout.kind === "jsonl-words" ? wordRows(name, layout, options) : spanRows(name, layout, options);
}

/** The row on a line of JSONL; undefined for a blank line. */
export function readJsonLine(
  name: string,
  line: string,
  number: number,
  read: RowReader,
): TaggedExample | undefined {
  if (isBlank(line, undefined)) return undefined;
  const object = parseObject(line);
  if (object === undefined) throw notJsonObject(name, number);
  return read(object, number);
}

function wordRows(name: string, layout: WordRowsLayout, options: TaggingReadOptions): RowReader {
  return (row, line) => {
    const words = wordsOf(layout.words, row[layout.words]);
    if (words instanceof Fault) throw badRow(name, line, words.what);
    if (words.length === 0) refuseEmpty(name, line, options);
    if (layout.tags === undefined) return { line, words };
    const tags = tagsOf(layout.tags, row[layout.tags], words.length, options);
    if (!(tags instanceof Fault)) return { line, words, tags };
    if (options.needs.tags === "required") throw badRow(name, line, tags.what);
    return { line, words };
  };
}

function spanRows(name: string, layout: SpanRowsLayout, options: TaggingReadOptions): RowReader {
  const { offsets = "code_points", needs } = options;
  return (row, line) => {
    const text = row[layout.text];
    if (typeof text !== "string")
      throw badRow(name, line, `${show(layout.text)} is ${kindOf(text)}, not a text`);
    if (text.trim() === "") refuseEmpty(name, line, options);
    if (layout.entities === undefined) return { line, text };
    const entities = entitiesOf(layout.entities, row[layout.entities], text, offsets);
    if (!(entities instanceof Fault)) return { line, text, entities };
    if (needs.tags === "required") throw badRow(name, line, entities.what);
    return { line, text };
  };
}

function badRow(name: string, line: number, what: string): InputError {
  return new InputError(`${name}:${line}: ${what}.\nCorrect the row or remove it.`);
}

/** An empty sentence teaches nothing and is usually a mistake; for prediction it is one without tags. */
function refuseEmpty(name: string, line: number, { needs }: TaggingReadOptions): void {
  if (needs.tags === "required") throw badRow(name, line, "an empty sentence");
}
