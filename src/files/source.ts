/** Files and standard input as streams of bytes, for readers that know nothing of a file system. */
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError, nearMiss } from "../util/errors.ts";
import { errorCode, ioError } from "./io-errors.ts";

/** Something to read from the start, once or again. */
export interface ByteSource {
  /** For messages: the path as it was given. */
  readonly name: string;
  /** Bytes, where known: not for standard input and pipes. */
  readonly size?: number;
  open(): AsyncIterable<Uint8Array>;
}

/** Large enough that calls cost nothing beside the parsing, small enough that memory does not notice. */
const CHUNK_BYTES = 1 << 18;

/**
 * The file at `path`, or standard input where `path` is "-". Checks at once that it is there, is no folder and may be
 * read (else `InputError`). A pipe, like standard input, can be opened once.
 */
export async function openSource(path: string): Promise<ByteSource> {
  if (path === "-") return { name: "standard input", open: once("standard input", () => process.stdin) };
  const stats = await stat(path).catch(async (error: unknown) => {
    throw errorCode(error) === "ENOENT" ? await missing(path) : ioError(error, path);
  });
  if (stats.isDirectory())
    throw new InputError(
      `${path}: this is a folder, and a file is needed.\n${firstFiles(await readdir(path))}`,
    );
  if (!stats.isFile()) return { name: path, open: once(path, () => fileChunks(path)) };
  await checkReadable(path);
  return { name: path, size: stats.size, open: () => fileChunks(path) };
}

/** Whether a file is there; a folder is none. */
export async function fileExists(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

async function missing(path: string): Promise<InputError> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  if (!names)
    return new InputError(`${path}: no such file: there is no folder ${folder}.\nCheck the spelling.`);
  const near = nearMiss(basename(path), names);
  return new InputError(
    `${path}: no such file.\n${near ? `Did you mean ${join(folder, near)}?` : firstFiles(names)}`,
  );
}

function firstFiles(names: readonly string[]): string {
  const visible = names.filter((name) => !name.startsWith(".")).sort();
  if (visible.length === 0) return "That folder is empty.";
  return `That folder holds ${visible.slice(0, 4).join(", ")}${visible.length > 4 ? ", …" : ""}.`;
}

async function checkReadable(path: string): Promise<void> {
  try {
    await (await open(path, "r")).close();
  } catch (error) {
    throw ioError(error, path);
  }
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK_BYTES });
  } catch (error) {
    throw ioError(error, path);
  }
}

function once(name: string, start: () => AsyncIterable<Uint8Array>): () => AsyncIterable<Uint8Array> {
  let started = false;
  return () => {
    if (started)
      throw new InputError(`${name} can be read only once.\nSave it to a file and give the file's name.`);
    started = true;
    return start();
  };
}
