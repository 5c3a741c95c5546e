/**
 * Writes that are seen whole or not at all: to a temporary name in the same folder, flushed, renamed, and the folder
 * flushed, so that the new name survives a power cut too (the order of Pillai et al., "All File Systems Are Not
 * Created Equal", OSDI 2014).
 */
import { dirname, join } from "node:path";
import { currentDisk } from "./disk.ts";
import { errorCode, ioError } from "./io-errors.ts";
import { type Content, sizeOf, writeNewFile } from "./new-file.ts";
import { finished, temporaryName, unfinishedUntilSaid } from "./temporary-files.ts";

export interface FileToWrite {
  /** Path within the folder; "onnx/model.onnx" makes the folder "onnx". */
  name: string;
  content: Content;
  /** Bytes, for the message about a full disk; known by itself for strings and arrays. */
  size?: number;
}

interface StagedFile {
  temporary: string;
  path: string;
}

/**
 * Writes `path` so that it holds its old content or the new one, whenever the process or the machine stops.
 * `size` in bytes is for the message about a full disk. Throws `InputError` where the disk or its rights refuse.
 */
export async function writeFileAtomic(
  path: string,
  content: Content,
  { size }: { size?: number } = {},
): Promise<void> {
  await publish(await stage(path, content, size));
  await flushFolder(dirname(path));
}

/**
 * Replaces several files of a folder together. All are written under temporary names first: a full disk or an error
 * in a content leaves the folder as it was. The last of `files` is what makes the folder valid (`config.json` of a
 * model folder): its old version goes before the first rename and its new one comes last, so that a crash between
 * the renames leaves a folder without it, never one with half of each version.
 */
export async function writeFilesAtomic(folder: string, files: readonly FileToWrite[]): Promise<void> {
  if (files.length === 0) return;
  const staged: StagedFile[] = [];
  try {
    for (const { name, content, size } of files) {
      const path = join(folder, name);
      await makeFolder(dirname(path));
      staged.push(await stage(path, content, size));
    }
    const last = staged[staged.length - 1];
    const before = staged.slice(0, -1);
    if (before.length > 0) {
      await currentDisk().remove(last.path);
      await flushFolder(folder);
    }
    for (const file of before) await publish(file);
    // A power cut may keep the second of two renames without the first, unless a flush stands between them.
    for (const used of new Set(before.map(({ path }) => dirname(path)))) await flushFolder(used);
    await publish(last);
    await flushFolder(dirname(last.path));
  } catch (error) {
    for (const { temporary } of staged) await discard(temporary);
    throw ioError(error, folder);
  }
}

/** Makes a folder, and those above it that are not there; each outlasts a power cut. Errors read well. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeMissing(folder);
  } catch (error) {
    throw ioError(error, folder);
  }
}

async function makeMissing(folder: string): Promise<void> {
  const disk = currentDisk();
  try {
    await disk.makeFolder(folder);
  } catch (error) {
    // What is there is listed, which a file refuses in the right words.
    if (errorCode(error) === "EEXIST") return void (await disk.list(folder));
    if (errorCode(error) !== "ENOENT" || dirname(folder) === folder) throw error;
    await makeMissing(dirname(folder));
    return makeMissing(folder);
  }
  await disk.syncFolder(dirname(folder));
}

/** Writes and flushes `content` under a temporary name beside `path`. */
async function stage(path: string, content: Content, size?: number): Promise<StagedFile> {
  const temporary = temporaryName(path);
  unfinishedUntilSaid(temporary);
  try {
    await writeNewFile(temporary, content);
    return { temporary, path };
  } catch (error) {
    await discard(temporary);
    throw ioError(error, path, size ?? sizeOf(content));
  }
}

async function publish({ temporary, path }: StagedFile): Promise<void> {
  try {
    await currentDisk().rename(temporary, path);
    finished(temporary);
  } catch (error) {
    await discard(temporary);
    throw ioError(error, path);
  }
}

/**
 * Gives the finished `folder` the name `target`, of the same disk. Where another process was first and its folder
 * `isComplete`, that one stays; what else is in the way goes.
 */
export async function moveFolder(
  folder: string,
  target: string,
  isComplete: (target: string) => Promise<boolean>,
): Promise<void> {
  const disk = currentDisk();
  try {
    await disk.rename(folder, target);
  } catch {
    if (await isComplete(target)) return;
    await disk.rename(target, `${folder}.old`);
    await disk.rename(folder, target);
    await disk.remove(`${folder}.old`);
  }
  await flushFolder(dirname(target));
}

async function discard(temporary: string): Promise<void> {
  await currentDisk()
    .remove(temporary)
    .catch(() => {}); // the error that led here is the one to tell
  finished(temporary);
}

async function flushFolder(folder: string): Promise<void> {
  try {
    await currentDisk().syncFolder(folder);
  } catch (error) {
    throw ioError(error, folder);
  }
}
