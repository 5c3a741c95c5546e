/**
 * Parquet files (parquet.apache.org), row group by row group, through hyparquet: that package and its decompressors are
 * loaded when the first file is read. What comes out are plain rows, as from JSONL.
 */
import { type FileHandle, open, stat } from "node:fs/promises";
import type { AsyncBuffer } from "hyparquet";
import { InputError } from "../util/errors.ts";
import { ioError } from "./io-errors.ts";
import { classNamings, type Naming } from "./parquet-features.ts";

const MAGIC = "PAR1";

/** Whether a regular file begins as Parquet does. False for what is not there, pipes and standard input ("-"). */
export async function isParquet(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) return false;
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return buffer.toString("latin1") === MAGIC;
  } finally {
    await file.close();
  }
}

/**
 * The rows in order: lists as arrays, structs as objects, absent values as null, whole numbers as numbers (as bigint
 * beyond 2^53), dates and times as ISO 8601 text, JSON parsed, bytes as text where they are UTF-8. Class numbers whose
 * names the file has (see `parquet-features.ts`) come as names. Memory holds one row group.
 * Throws `InputError` for a file that is cut off, damaged, or packed in a way that cannot be read.
 */
export async function* readParquetRows(path: string): AsyncGenerator<Record<string, unknown>> {
  const file = await open(path, "r").catch((error: unknown) => {
    throw ioError(error, path);
  });
  try {
    yield* readGroups(path, await bufferOf(path, file));
  } finally {
    await file.close();
  }
}

async function* readGroups(path: string, file: AsyncBuffer): AsyncGenerator<Record<string, unknown>> {
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const { checkGroup } = await import("./parquet-check.ts");
  const metadata = await orDamaged(path, () => parquetMetadataAsync(file, { geoparquet: false }));
  const namings = classNamings(metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value);
  const schema = await orDamaged(path, async () => parquetSchema(metadata));
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await orDamaged(path, async () => {
      await checkGroup(file, schema, group);
      return parquetReadObjects({
        file,
        metadata,
        rowStart,
        rowEnd,
        compressors,
        utf8: false,
        parsers: PARSERS,
      });
    });
    for (const row of rows) yield plainRow(row, namings);
    rowStart = rowEnd;
  }
}

/** Ranges of an open file: one handle for the whole reading, so that the file cannot be exchanged meanwhile. */
async function bufferOf(path: string, file: FileHandle): Promise<AsyncBuffer> {
  const { size } = await file.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start).catch((error: unknown) => {
        throw ioError(error, path);
      });
      if (bytesRead < bytes.length) throw new Error("it became shorter while it was read");
      return bytes.buffer;
    },
  };
}

/** Whatever hyparquet throws, the file's bytes are the cause. */
async function orDamaged<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const advice = /unsupported|not supported|limit is|two columns/.test(reason)
      ? "Write it again without that, or convert it to JSONL."
      : "It is cut off or damaged: get it again.";
    throw new InputError(`${path}: this Parquet file cannot be read (${reason}).\n${advice}`);
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text that is not UTF-8 is an error, not a row of replacement characters. Absent values come here as well. */
const PARSERS = { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && UTF8.decode(bytes) };

function plainRow(
  row: Record<string, unknown>,
  namings: ReadonlyMap<string, Naming>,
): Record<string, unknown> {
  const entries = Object.entries(row).map(([key, value]): [string, unknown] => {
    const plain = plainValue(value);
    const naming = namings.get(key);
    return [key, naming ? naming(plain) : plain];
  });
  return Object.fromEntries(entries);
}

function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value !== "object") return value ?? null;
  if (value === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return textOrBytes(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, plainValue);
  if (Array.isArray(value)) return value.map(plainValue);
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plainValue(field)]));
}

/** Older writers do not say which bytes are text. */
function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    return UTF8.decode(bytes);
  } catch {
    return bytes;
  }
}
