/** Text in chunks to lines: LF, CR LF and, in files that have no LF at all, CR. */
import { InputError } from "../../util/errors.ts";
import { decodeText } from "./decode.ts";
import type { ByteSource } from "./source.ts";

/** Characters in one row. A file without line ends, or with a quote left open, is refused there and not swallowed. */
export const MAX_ROW_CHARACTERS = 8_000_000;

/** Characters that the layout of a file is told by. */
export const HEAD_CHARACTERS = 500_000;

/** A text with CR that has no LF in so many characters has CR line ends. */
const BARE_CR_AFTER = 100_000;

/** Lines of consecutive numbers, without their ends. */
export interface LineBatch {
  /** Number of the first, from 1. */
  first: number;
  lines: string[];
}

/** All lines of a source, one batch a chunk. A last line without an end counts. */
export async function* readLines(source: ByteSource, encoding?: string): AsyncGenerator<LineBatch> {
  let rest = "";
  let first = 1;
  let bareCr: boolean | undefined;
  for await (const chunk of decodeText(source, encoding)) {
    rest += chunk;
    bareCr ??= endsInBareCr(rest);
    const hasCr = rest.includes("\r");
    const lines = rest.split(bareCr ? "\r" : "\n");
    rest = lines.pop() as string;
    if (rest.length > MAX_ROW_CHARACTERS) throw tooLong(source.name, first + lines.length);
    if (lines.length > 0) yield { first, lines: hasCr ? lines.map(withoutCr) : lines };
    first += lines.length;
  }
  if (rest !== "") yield { first, lines: bareCr === false ? [withoutCr(rest)] : withoutCr(rest).split("\r") };
}

/** The first lines of a source, about `HEAD_CHARACTERS` of them. */
export async function readHead(
  source: ByteSource,
  encoding?: string,
): Promise<{ lines: string[]; whole: boolean }> {
  const head: string[] = [];
  let characters = 0;
  for await (const { lines } of readLines(source, encoding)) {
    for (const line of lines) {
      head.push(line);
      characters += line.length;
      if (characters > HEAD_CHARACTERS) return { lines: head, whole: false };
    }
  }
  return { lines: head, whole: true };
}

/** Undefined while the text is too short to tell: a stray CR may stand in the first line of an LF file. */
function endsInBareCr(text: string): boolean | undefined {
  if (text.includes("\n")) return false;
  return text.length > BARE_CR_AFTER && text.includes("\r") ? true : undefined;
}

function withoutCr(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function tooLong(name: string, line: number): InputError {
  return new InputError(
    `${name}:${line}: a line of more than ${MAX_ROW_CHARACTERS / 1e6} million characters.\nOne row a line is expected: CSV, TSV or JSONL.`,
  );
}
