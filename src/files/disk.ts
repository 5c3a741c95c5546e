/**
 * The calls of the file system that a save makes, behind an interface, as SQLite has its VFS: `withDisk` puts another
 * disk in place of the real one, so that a test can record each call, make one fail, or end the process in it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { errorCode } from "./io-errors.ts";

/** Errors are the system's own, with its codes. */
export interface Disk {
  /** A new file to write to; one that exists is `EEXIST`. */
  create(path: string): Promise<DiskFile>;
  /** A file takes the place of another, a folder that of an empty folder only. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, or a folder with all that it holds; what is not there is no error. */
  remove(path: string): Promise<void>;
  /** Makes one folder; one that is there is `EEXIST`, one above it that is not, `ENOENT`. */
  makeFolder(path: string): Promise<void>;
  /** Names in a folder. */
  list(folder: string): Promise<string[]>;
  /** Makes what was created, renamed and removed in the folder outlast a power cut. */
  syncFolder(folder: string): Promise<void>;
}

export interface DiskFile {
  /** Appends the bytes, or the first of them only; returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Makes what was written outlast a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Systems that cannot flush a folder (Windows, some network disks) refuse with one of these; so be it. */
const CANNOT_SYNC_FOLDERS: readonly (string | undefined)[] = [
  "EPERM",
  "EACCES",
  "EISDIR",
  "EINVAL",
  "ENOTSUP",
];

const systemDisk: Disk = {
  async create(path) {
    const handle = await open(path, "wx");
    return {
      write: async (bytes) => (await handle.write(bytes)).bytesWritten,
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  makeFolder: (path) => mkdir(path),
  list: (folder) => readdir(folder),
  async syncFolder(folder) {
    try {
      const handle = await open(folder, "r");
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      if (!CANNOT_SYNC_FOLDERS.includes(errorCode(error))) throw error;
    }
  },
};

const inPlace = new AsyncLocalStorage<Disk>();

/** The disk of the calls that lead here: the real one outside of `withDisk`. */
export function currentDisk(): Disk {
  return inPlace.getStore() ?? systemDisk;
}

/** Calls `work`, all of whose saves go to `disk`; without one, to the real disk. */
export function withDisk<T>(disk: Disk, work: () => Promise<T>): Promise<T> {
  return inPlace.run(disk, work);
}
