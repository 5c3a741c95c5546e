/** Bytes to text, chunk by chunk, by the WHATWG Encoding Standard; what is not text is refused with its place. */
import { InputError, UsageError } from "../../util/errors.ts";
import type { ByteSource } from "./source.ts";

/** First bytes of files that people hand in by mistake, and what they are. */
const SIGNATURES: [bytes: number[], what: string][] = [
  [[0x50, 0x4b, 0x03, 0x04], "a zip archive or an Excel workbook; unpack it or export it as CSV"],
  [[0x1f, 0x8b], "a gzip archive; unpack it with gunzip"],
  [[0x50, 0x41, 0x52, 0x31], "a Parquet file; give the file itself, not a pipe"],
  [[0x25, 0x50, 0x44, 0x46], "a PDF; extract its text into CSV or JSONL"],
  [[0xd0, 0xcf, 0x11, 0xe0], "an old Excel workbook; export it as CSV"],
  [[0xff, 0xfe], "UTF-16; use --encoding utf-16le"],
  [[0xfe, 0xff], "UTF-16; use --encoding utf-16be"],
];

/** The decoder for an encoding's label. Throws `UsageError` for a label that the standard does not have. */
export function createDecoder(encoding = "utf-8"): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new UsageError(
      `--encoding ${encoding}: unknown encoding.\nCommon ones are utf-8, iso-8859-1, windows-1252, utf-16le, shift_jis, gb18030.`,
    );
  }
}

/** The source's text in chunks, without its byte order mark. Throws `InputError` naming line and byte. */
export async function* decodeText(source: ByteSource, encoding?: string): AsyncGenerator<string> {
  const decoder = createDecoder(encoding);
  let line = 1; // of the next chunk's first character
  let previous = new Uint8Array(0);
  for await (const chunk of source.open()) {
    if (line === 1 && previous.length === 0) refuseBinary(source.name, chunk, decoder.encoding);
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch {
      throw undecodable(source.name, line, unfinished(previous, decoder.encoding), chunk, decoder.encoding);
    }
    const nul = text.indexOf("\0");
    if (nul >= 0) throw nulError(source.name, line + countNewlines(text.slice(0, nul)));
    yield text;
    line += countNewlines(text);
    previous = lastBytes(previous, chunk);
  }
  try {
    yield decoder.decode();
  } catch {
    throw new InputError(
      `${source.name}:${line}: the file ends inside a ${decoder.encoding.toUpperCase()} character.\nIt was cut off, or it has another encoding, such as --encoding iso-8859-1.`,
    );
  }
}

function refuseBinary(name: string, head: Uint8Array, encoding: string): void {
  if (encoding.startsWith("utf-16")) return;
  for (const [bytes, what] of SIGNATURES) {
    if (bytes.every((byte, i) => head[i] === byte))
      throw new InputError(`${name} is not plain text: it begins like ${what}.`);
  }
  // Before decoding: a binary file is seldom UTF-8, and "binary" says more than "not UTF-8".
  const nul = head.indexOf(0);
  if (nul >= 0) throw nulError(name, 1 + head.subarray(0, nul).filter((byte) => byte === 0x0a).length);
}

function nulError(name: string, line: number): InputError {
  return new InputError(
    `${name}:${line}: a NUL character; this is a binary file.\nText is needed: CSV, TSV or JSONL.`,
  );
}

/** The last three bytes so far: no character has more before its end. */
function lastBytes(previous: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  if (chunk.length >= 3) return chunk.slice(-3);
  return new Uint8Array([...previous, ...chunk]).slice(-3);
}

/** The bytes at the end of valid UTF-8 that begin a character whose rest is in the next chunk. */
function unfinished(tail: Uint8Array, encoding: string): Uint8Array {
  if (encoding !== "utf-8") return new Uint8Array(0);
  for (let i = tail.length - 1; i >= 0; i--) {
    if (tail[i] < 0x80) break;
    if (tail[i] >= 0xc0) {
      const length = tail[i] >= 0xf0 ? 4 : tail[i] >= 0xe0 ? 3 : 2;
      return length > tail.length - i ? tail.subarray(i) : new Uint8Array(0);
    }
  }
  return new Uint8Array(0);
}

/** The error for a chunk that does not decode. Exact for UTF-8 and one-byte encodings, near for the others. */
function undecodable(
  name: string,
  line: number,
  carried: Uint8Array,
  chunk: Uint8Array,
  encoding: string,
): InputError {
  const bytes = new Uint8Array(carried.length + chunk.length);
  bytes.set(carried);
  bytes.set(chunk, carried.length);
  // A character that breaks off is the fault of its first byte, not of the byte after it.
  const accepted = validPrefix(bytes, encoding);
  const valid = accepted - unfinished(bytes.subarray(0, accepted), encoding).length;
  const before = new TextDecoder(encoding).decode(bytes.subarray(0, valid));
  const hex = bytes[valid].toString(16).toUpperCase().padStart(2, "0");
  const advice =
    encoding === "utf-8"
      ? "If it is Latin-1, use --encoding iso-8859-1; else save it as UTF-8."
      : "Name the file's own encoding with --encoding.";
  return new InputError(
    `${name}:${line + countNewlines(before)}: byte 0x${hex} is not ${encoding.toUpperCase()}.\n${advice}`,
  );
}

/** How many bytes decode: the longest prefix that is not refused, by bisection. */
function validPrefix(bytes: Uint8Array, encoding: string): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
