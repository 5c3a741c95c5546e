/** Two files in step, as ATIS has them: words and tags of one sentence on the same line of each. */
import { InputError } from "../../../util/errors.ts";
import { readLines } from "../lines.ts";
import { isBlank } from "../records.ts";
import type { ByteSource } from "../source.ts";
import { splitColumns } from "./conll.ts";
import type { TaggedExample, TaggingReadOptions } from "./tagged-example.ts";
import { plural } from "./values.ts";

/**
 * The sentences of two files; white space separates words and tags. Lines that are blank in both are no sentences.
 * Throws `InputError` naming both files where they have different numbers of lines, or of words on a line.
 */
export async function* readParallel(
  words: ByteSource,
  tags: ByteSource,
  options: Pick<TaggingReadOptions, "encoding">,
): AsyncGenerator<TaggedExample> {
  const [wordLines, tagLines] = [words, tags].map((source) => eachLine(source, options.encoding));
  let sentences = 0;
  try {
    for (let line = 1; ; line++) {
      const [left, right] = [await wordLines.next(), await tagLines.next()];
      if (left.done && right.done) break;
      const [leftCells, rightCells] = [cellsOf(left.value), cellsOf(right.value)];
      if (leftCells.length !== rightCells.length) {
        if (left.done) throw missingLine(words, tags, line);
        if (right.done) throw missingLine(tags, words, line);
        throw unequal(words, tags, line, leftCells.length, rightCells.length);
      }
      if (leftCells.length === 0) continue;
      sentences++;
      yield { line, words: leftCells, tags: rightCells };
    }
  } finally {
    await wordLines.return(undefined);
    await tagLines.return(undefined);
  }
  if (sentences === 0) throw new InputError(`${words.name} has no sentences.`);
}

async function* eachLine(
  source: ByteSource,
  encoding: string | undefined,
): AsyncGenerator<string, undefined> {
  for await (const { lines } of readLines(source, encoding)) yield* lines;
}

/** Nothing for a blank line and after the last one. */
function cellsOf(line: string | undefined): string[] {
  return line === undefined || isBlank(line, undefined) ? [] : splitColumns(line, undefined);
}

function missingLine(shorter: ByteSource, longer: ByteSource, line: number): InputError {
  return new InputError(
    `${shorter.name} has no line ${line}, but ${longer.name} has.\nBoth files have one sentence a line, its words and its tags.`,
  );
}

function unequal(
  words: ByteSource,
  tags: ByteSource,
  line: number,
  wordCount: number,
  tagCount: number,
): InputError {
  return new InputError(
    `${words.name}:${line}: ${plural(wordCount, "word")}, but ${tags.name}:${line} has ${plural(tagCount, "tag")}.\nBoth files have one sentence a line, its words and its tags.`,
  );
}
