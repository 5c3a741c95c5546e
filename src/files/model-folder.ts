/** The text files of a Hugging Face model folder: config.json, tokenizer.json, vocab.txt and their like. */
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError } from "../util/errors.ts";
import { errorCode, ioError } from "./io-errors.ts";
import { JsonCursor } from "./json-cursor.ts";
import { openSource } from "./source.ts";

/** The largest size in bytes of each file that we read whole, some ten times the largest known. */
export const TEXT_LIMITS = {
  /** A few kB; label names of a model with 10,000 classes make 1 MB. */
  config: 16_000_000,
  /** 0.7 MB for 30,000 word pieces, 17 MB for the 250,000 pieces of multilingual models. */
  tokenizer: 200_000_000,
  /** 0.2 MB for 30,000 word pieces, 1 MB for the 120,000 of multilingual BERT. */
  vocabulary: 20_000_000,
  /** Some 100 bytes a tensor. */
  weightsIndex: 20_000_000,
  /** The state of a training: some 100 bytes each evaluation. */
  seal: 100_000_000,
} as const;

/** The text of a file in `folder`; undefined where there is none. `InputError` over `limit` bytes or not UTF-8. */
export async function readTextIfExists(
  folder: string,
  name: string,
  limit: number,
): Promise<string | undefined> {
  const path = join(folder, name);
  const bytes = await readBytes(path, limit);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${path}: not UTF-8 text.\nThe file is damaged or of another kind; get it again.`);
  }
}

/** As `readTextIfExists`, with an `InputError` where the file or the folder is missing. */
export async function readText(folder: string, name: string, limit: number): Promise<string> {
  const text = await readTextIfExists(folder, name, limit);
  if (text === undefined)
    throw new InputError(`${folder}: ${name} is missing.\nA model folder needs it; check the folder.`);
  return text;
}

/** The JSON object that a file in `folder` holds. Errors name file, line and column. */
export async function readJson(
  folder: string,
  name: string,
  limit: number,
): Promise<Record<string, unknown>> {
  return parseJsonObject(await readText(folder, name, limit), join(folder, name));
}

/** As `readJson`, of a file at any path. */
export async function readJsonFile(path: string, limit: number): Promise<Record<string, unknown>> {
  await openSource(path); // says what is near where there is none
  return readJson(dirname(path), basename(path), limit);
}

/** As `readJson`; undefined where the file is missing. */
export async function readJsonIfExists(
  folder: string,
  name: string,
  limit: number,
): Promise<Record<string, unknown> | undefined> {
  const text = await readTextIfExists(folder, name, limit);
  return text === undefined ? undefined : parseJsonObject(text, join(folder, name));
}

/** Parses `text`, which must be one JSON object; `name` starts the messages. */
export function parseJsonObject(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notJson(text, name);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(`${name}: a JSON object { … } is needed.\nMend it or get it again.`);
  }
  return value as Record<string, unknown>;
}

async function readBytes(path: string, limit: number): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(path, "r");
    try {
      const stats = await handle.stat();
      if (stats.isFile() && stats.size > limit) {
        throw new InputError(
          `${path}: ${stats.size} bytes, the limit is ${limit}.\nThis is not the file that its name says.`,
        );
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw ioError(error, path);
  }
}

/** The error for a text that `JSON.parse` refused; some of its own messages have no place, so it is found again. */
function notJson(text: string, name: string): unknown {
  const cursor = new JsonCursor(text, (problem, offset) => {
    const lines = text.slice(0, offset).split("\n");
    const place = `${lines.length}:${lines[lines.length - 1].length + 1}`;
    return new InputError(`${name}:${place}: not JSON: ${problem}.\nMend it or get it again.`);
  });
  try {
    cursor.skip();
    cursor.end();
  } catch (error) {
    return error;
  }
  return new InputError(`${name}: not JSON.\nMend it or get it again.`);
}
