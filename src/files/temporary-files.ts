/**
 * Names for files that are not finished yet. A name carries the number of the process that writes the file, so that
 * a later process can tell what a killed one left behind from what is still being written.
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { currentDisk } from "./disk.ts";
import { ioError } from "./io-errors.ts";

const PATTERN = /^\.(.+)\.(\d+)-[0-9a-f]{12}\.tmp$/;

/** A new temporary name beside `path`: a rename within one folder is atomic, one across disks is not. */
export function temporaryName(path: string): string {
  const unique = `${process.pid}-${randomBytes(6).toString("hex")}`;
  return join(dirname(path), `.${basename(path)}.${unique}.tmp`);
}

/** Whether a process of this number runs on this machine. A process of another user counts. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Removes what killed processes left of `names` in `folder`, and what this one could not remove. Other files, and those
 * that are being written, stay.
 */
export async function removeAbandoned(folder: string, names: ReadonlySet<string>): Promise<void> {
  const disk = currentDisk();
  try {
    for (const entry of await disk.list(folder)) {
      const match = PATTERN.exec(entry);
      const path = join(folder, entry);
      if (match && names.has(match[1]) && !isWritten(path, Number(match[2]))) await disk.remove(path);
    }
  } catch (error) {
    throw ioError(error, folder);
  }
}

function isWritten(path: string, pid: number): boolean {
  return pid === process.pid ? unfinished.has(resolve(path)) : isRunning(pid);
}

/** Calls `work` with a new folder beside `target` that is gone afterwards, and with what killed processes left of it. */
export async function withWorkFolder<T>(target: string, work: (folder: string) => Promise<T>): Promise<T> {
  await removeAbandoned(dirname(target), new Set([basename(target)]));
  const folder = temporaryName(target);
  unfinishedUntilSaid(folder);
  try {
    await currentDisk().makeFolder(folder);
    return await work(folder);
  } finally {
    await currentDisk().remove(folder);
    finished(folder);
  }
}

/** Absolute paths. */
const unfinished = new Set<string>();
let cleansUpOnExit = false;

/** Notes that `path` is to be removed should the process end before `finished(path)`, as after Ctrl-C. */
export function unfinishedUntilSaid(path: string): void {
  unfinished.add(resolve(path));
  if (cleansUpOnExit) return;
  cleansUpOnExit = true;
  process.once("exit", () => {
    for (const left of unfinished) rmSync(left, { force: true, recursive: true });
  });
}

export function finished(path: string): void {
  unfinished.delete(resolve(path));
}
