/** Files and rows in memory to tagged sentences, streaming: what is held is a chunk of the file and one sentence. */
import { InputError } from "../../../util/errors.ts";
import { readLines } from "../lines.ts";
import { isBlank } from "../records.ts";
import type { ByteSource } from "../source.ts";
import { conllLines, conlluLines } from "./conll.ts";
import { chooseKeys } from "./keys.ts";
import type { TaggingLayout } from "./layout.ts";
import { createRowReader, type RowReader, readJsonLine } from "./rows.ts";
import { SentenceBuilder } from "./sentences.ts";
import { sniffTagging } from "./sniff.ts";
import type { TaggedExample, TaggingReadOptions } from "./tagged-example.ts";

export { checkTaggingOptions, describeTagging, type TaggingLayout } from "./layout.ts";
export { readParallel } from "./parallel.ts";
export { sniffTagging } from "./sniff.ts";
export type { Entity, TaggedExample, TaggingReadOptions } from "./tagged-example.ts";

/** Takes the lines of one file in order. */
interface ExampleTaker {
  push(line: string, number: number): TaggedExample | undefined;
  end(): TaggedExample | undefined;
}

/**
 * The sentences of a file, in order. JSONL, CoNLL-U and CoNLL columns are told by content; `layout`, from
 * `sniffTagging`, saves telling it again. Throws `InputError` naming file and line, `UsageError` for options that no
 * file could fit.
 */
export async function* readTagged(
  source: ByteSource,
  options: TaggingReadOptions,
  layout?: TaggingLayout,
): AsyncGenerator<TaggedExample> {
  const taker = takerOf(source.name, layout ?? (await sniffTagging(source, options)), options);
  let sentences = 0;
  for await (const { first, lines } of readLines(source, options.encoding)) {
    for (let i = 0; i < lines.length; i++) {
      const example = taker.push(lines[i], first + i);
      if (example === undefined) continue;
      sentences++;
      yield example;
    }
  }
  const last = taker.end();
  if (last !== undefined) yield last;
  else if (sentences === 0) throw new InputError(`${source.name} has no sentences.`);
}

function takerOf(name: string, layout: TaggingLayout, options: TaggingReadOptions): ExampleTaker {
  switch (layout.kind) {
    case "conll":
      return new SentenceBuilder(name, conllLines(name, layout, options));
    case "conllu":
      return new SentenceBuilder(name, conlluLines(name, layout, options));
    case "plain":
      return lineByLine((line, number) =>
        isBlank(line, undefined) ? undefined : { line: number, text: line },
      );
    default: {
      const read = createRowReader(name, layout, options);
      return lineByLine((line, number) => readJsonLine(name, line, number, read));
    }
  }
}

function lineByLine(push: ExampleTaker["push"]): ExampleTaker {
  return { push, end: () => undefined };
}

/**
 * Rows in memory and of Parquet files: objects with `tokens` and `tags`, or `text` and `entities`, or with any keys
 * that the options name. The first row's keys are the columns. Offsets are UTF-16 units unless `options.offsets` says
 * otherwise. `name` is what messages call the rows.
 */
export async function* taggedFromRows(
  rows: Iterable<object> | AsyncIterable<object>,
  options: TaggingReadOptions,
  name = "rows",
): AsyncGenerator<TaggedExample> {
  const settings: TaggingReadOptions = { ...options, offsets: options.offsets ?? "utf16" };
  let line = 0;
  let read: RowReader | undefined;
  for await (const row of rows) {
    line++;
    if (typeof row !== "object" || row === null)
      throw new InputError(`${name}:${line}: a row is an object with words and tags, or text and spans.`);
    read ??= createRowReader(name, chooseKeys(name, [row], settings), settings);
    yield read(row as Record<string, unknown>, line);
  }
  if (line === 0) throw new InputError(`${name} is empty.\nGive at least one row with words or a text.`);
}
