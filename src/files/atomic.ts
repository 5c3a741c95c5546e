/**
 * Writes that are seen whole or not at all: to a temporary name in the same folder, flushed, renamed, and the folder
 * flushed, so that the new name survives a power cut too (the order of Pillai et al., "All File Systems Are Not
 * Created Equal", OSDI 2014).
 */
import { type FileHandle, mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode, ioError } from "./io-errors.ts";
import { finished, temporaryName, unfinishedUntilSaid } from "./temporary-files.ts";

/** What a file is to hold. An iterable is written as it comes, so it need not be in memory at once. */
export type Content = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

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
  const staged: StagedFile[] = [];
  try {
    for (const { name, content, size } of files) {
      const path = join(folder, name);
      await makeFolder(dirname(path));
      staged.push(await stage(path, content, size));
    }
    if (staged.length > 1) {
      await rm(staged[staged.length - 1].path, { force: true });
      await flushFolder(folder);
    }
    for (const file of staged) await publish(file);
    for (const used of new Set(staged.map(({ path }) => dirname(path)))) await flushFolder(used);
  } catch (error) {
    for (const { temporary } of staged) await discard(temporary);
    throw error;
  }
}

/** `mkdir -p` with errors that read well. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    // With `recursive`, a file that stands where the folder should be is EEXIST.
    throw ioError(
      errorCode(error) === "EEXIST" ? Object.assign(new Error(), { code: "ENOTDIR" }) : error,
      folder,
    );
  }
}

/** Writes and flushes `content` under a temporary name beside `path`. */
async function stage(path: string, content: Content, size?: number): Promise<StagedFile> {
  const temporary = temporaryName(path);
  let handle: FileHandle | undefined;
  unfinishedUntilSaid(temporary);
  try {
    handle = await open(temporary, "wx");
    await writeFile(handle, content);
    await handle.sync();
    await handle.close();
    return { temporary, path };
  } catch (error) {
    await handle?.close().catch(() => {}); // closing twice is harmless; the first error is the one to tell
    await discard(temporary);
    throw ioError(error, path, size ?? sizeOf(content));
  }
}

async function publish({ temporary, path }: StagedFile): Promise<void> {
  try {
    await rename(temporary, path);
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
  try {
    await rename(folder, target);
  } catch {
    if (await isComplete(target)) return;
    await rename(target, `${folder}.old`);
    await rename(folder, target);
    await rm(`${folder}.old`, { recursive: true, force: true });
  }
  await flushFolder(dirname(target));
}

async function discard(temporary: string): Promise<void> {
  await rm(temporary, { force: true }).catch(() => {}); // the error that led here is the one to tell
  finished(temporary);
}

function sizeOf(content: Content): number | undefined {
  if (typeof content === "string") return Buffer.byteLength(content);
  return content instanceof Uint8Array ? content.byteLength : undefined;
}

/** Makes a rename in `folder` last. Systems that cannot flush a folder (Windows, some network disks) refuse; so be it. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!["EPERM", "EACCES", "EISDIR", "EINVAL", "ENOTSUP"].includes(errorCode(error) ?? ""))
      throw ioError(error, folder);
  }
}
