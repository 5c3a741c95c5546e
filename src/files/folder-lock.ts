/**
 * One process at a time in a folder. The lock is flock(2) on a file there: the system takes it back when the process
 * ends, however it ends. Where there is no flock (Windows) the number of the process in the file has to do.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../util/errors.ts";
import { loadKoffi } from "../util/koffi.ts";
import { currentDisk } from "./disk.ts";
import { ioError } from "./io-errors.ts";
import { finished, isRunning, unfinishedUntilSaid } from "./temporary-files.ts";

const LOCK = ".lock";

/** LOCK_EX | LOCK_NB: alone, and without waiting; Linux, macOS and the BSDs have the same numbers. */
const EXCLUSIVE = 2 | 4;

/** Whether the lock of an open file was free, and is ours now. */
type TryLock = (descriptor: number) => boolean;

/**
 * Locks the folder, which is there, and returns what unlocks it. Throws `InputError` that names the process which has
 * it, of this machine or of another that shares the disk.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK);
  const tryLock = (await flock()) ?? byNumber(path);
  const descriptor = openLocked(path, folder, tryLock);
  unfinishedUntilSaid(path);
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`);
  return async () => {
    try {
      await currentDisk().remove(path);
    } catch (error) {
      throw ioError(error, path);
    } finally {
      finished(path);
      closeSync(descriptor);
    }
  };
}

function openLocked(path: string, folder: string, tryLock: TryLock): number {
  for (;;) {
    const descriptor = open(path);
    if (!tryLock(descriptor)) {
      closeSync(descriptor);
      throw new InputError(
        `${folder}: another training writes to this folder (process ${holder(path) ?? "unknown"}).\nWait for its end, or choose another folder.`,
      );
    }
    if (isStillAt(path, descriptor)) return descriptor;
    closeSync(descriptor); // whoever had it has just removed the file: what we locked is nobody's any more
  }
}

function open(path: string): number {
  try {
    return openSync(path, "a+");
  } catch (error) {
    throw ioError(error, path);
  }
}

function isStillAt(path: string, descriptor: number): boolean {
  const there = statSync(path, { throwIfNoEntry: false, bigint: true });
  return there?.ino === fstatSync(descriptor, { bigint: true }).ino;
}

/** undefined where the system has none, or koffi cannot be loaded. */
async function flock(): Promise<TryLock | undefined> {
  if (process.platform === "win32") return undefined;
  try {
    const koffi = await loadKoffi();
    // The C library that Node itself uses.
    const call = koffi.load(null).func("int flock(int, int)");
    return (descriptor) => call(descriptor, EXCLUSIVE) === 0;
  } catch {
    return undefined;
  }
}

function byNumber(path: string): TryLock {
  return () => {
    const pid = holder(path);
    return pid === undefined || pid === process.pid || !isRunning(pid);
  };
}

function holder(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}
