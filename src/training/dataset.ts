/** Examples of a task as features, and what people are told of them. Each task has a file that reads its own. */

import type { InputHash } from "../files/input-hash.ts";
import { isParquet, readParquetRows } from "../files/parquet.ts";
import { openSource } from "../files/source.ts";
import type { OverflowPolicy } from "../tasks/column.ts";
import type { TaskData } from "../tasks/task.ts";
import { type ByteSource, rereadable } from "../text/data/source.ts";
import type { Tokenizer } from "../text/tokenizer/tokenizer.ts";
import type { DataInput, DataOptions } from "./options.ts";

export interface Dataset extends TaskData {
  /** The file, or `rows in memory`. */
  readonly name: string;
  /** How it was read, for people. */
  readonly layout: string;
  /** Texts, sentences or questions; one may be several rows of the features, which are windows of it. */
  readonly examples: number;
  /** Whether texts come in pairs. */
  readonly pair: boolean;
  /** Names of what is predicted, in the order of the logits. */
  readonly labels: readonly string[];
  /** Examples that were cut. */
  readonly truncated: number;
  /** What a person should know of the data, a sentence each. */
  readonly notes: readonly string[];
}

export interface DatasetOptions extends DataOptions {
  /** Without one the data is read and checked, and the features stay empty. */
  tokenizer?: Tokenizer;
  maxSeqLength: number;
  /** Where tokens go that memory has no room for; default: they stay. */
  overflow?: OverflowPolicy;
  /** The rows are trained on and never scored: what only a score needs is not kept. Default false. */
  trainingOnly?: boolean;
  /** Take the hashes of what is read, and of the second file, with tags, where there is one. */
  hash?: InputHash;
  tagsHash?: InputHash;
  /** Which rows are read, by their number from 0; default all. The others are as if they were not there. */
  keep?: (row: number) => boolean;
  signal?: AbortSignal;
}

/** Where examples come from: the bytes of a file, or rows as objects. */
export type OpenInput =
  | { name: string; source: ByteSource }
  /** `offsets`: what character offsets in the rows count. */
  | { name: string; rows: Iterable<object> | AsyncIterable<object>; offsets: "utf16" | "code_points" };

/** Opens a file, Parquet or text, or takes rows. A file of text may be opened twice, a pipe as well. */
export async function openInput(input: DataInput, hash?: InputHash): Promise<OpenInput> {
  if (typeof input !== "string") {
    return { name: "rows in memory", rows: hash?.rows(input) ?? input, offsets: "utf16" };
  }
  if (await isParquet(input)) return { name: input, rows: readParquetRows(input), offsets: "code_points" };
  const source = await openBytes(input, hash);
  return { name: source.name, source };
}

/** A file of text. The bytes of a pipe come once, and are hashed as they come. */
export async function openBytes(path: string, hash?: InputHash): Promise<ByteSource> {
  const opened = await openSource(path);
  return isPipe(opened) ? rereadable(hash?.bytes(opened) ?? opened) : opened;
}

/** The examples that `keep` wants. */
export async function* keptOf<T>(
  examples: AsyncIterable<T>,
  keep: (row: number) => boolean,
): AsyncGenerator<T> {
  let row = 0;
  for await (const example of examples) if (keep(row++)) yield example;
}

/** Whether the same rows come again when they are read again: not from a pipe, not from an iterator. */
export async function isRepeatable(input: DataInput): Promise<boolean> {
  return typeof input === "string" ? !isPipe(await openSource(input)) : Array.isArray(input);
}

function isPipe({ size }: ByteSource): boolean {
  return size === undefined;
}
