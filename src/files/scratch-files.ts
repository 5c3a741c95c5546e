/**
 * Files for what memory has no room for, of use to one process alone: appended to, read anywhere, emptied. Each loses its
 * name as soon as it is open, so that the system gives its room back however the process ends; the next start has nothing
 * to clean up. Features are not kept for another run: making them again takes seconds, and what is kept can be stale.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../util/errors.ts";
import { scratchFolder } from "./hub/environment.ts";
import { errorCode, ioError } from "./io-errors.ts";
import { temporaryName } from "./temporary-files.ts";

/**
 * Bytes of one column that stay in memory: 32 million tokens, a fraction of what any model takes that trains on them. A
 * data set of fewer never meets a disk.
 */
const MOST_IN_MEMORY = 64e6;

/** Makes scratch files, all in one folder, and closes them together. */
export class ScratchFiles {
  readonly #folder: string;
  readonly #files: ScratchFile[] = [];

  /** The folder, made when the first file is; default: see `scratchFolder`. */
  constructor(folder = scratchFolder(process.env)) {
    this.#folder = folder;
  }

  /** What is to be in memory, in bytes, before a file is made. */
  get mostInMemory(): number {
    return MOST_IN_MEMORY;
  }

  create(): ScratchFile {
    const file = new ScratchFile(this.#folder);
    this.#files.push(file);
    return file;
  }

  /** Closes all files; their content is gone. */
  close(): void {
    for (const file of this.#files.splice(0)) file.close();
  }
}

/** Throws `InputError` where the disk is full or refuses, there and in each call. */
export class ScratchFile {
  readonly #folder: string;
  readonly #descriptor: number;
  #size = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#descriptor = attempt(folder, () => openNameless(folder));
  }

  append(bytes: Uint8Array): void {
    attempt(this.#folder, () => {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#size + done);
      }
    });
    this.#size += bytes.length;
  }

  /** Gives the room of all that was appended back. */
  clear(): void {
    attempt(this.#folder, () => ftruncateSync(this.#descriptor));
    this.#size = 0;
  }

  /** Fills `target` with the bytes from `position` on. */
  read(position: number, target: Uint8Array): void {
    const { length } = target;
    if (position + length > this.#size) throw new Error(`internal: bytes beyond ${this.#size} of scratch`);
    attempt(this.#folder, () => {
      for (let done = 0; done < length; ) {
        const count = readSync(this.#descriptor, target, done, length - done, position + done);
        if (count === 0) throw Object.assign(new Error("the file ends early"), { code: "EIO" });
        done += count;
      }
    });
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Windows, too, lets a file that Node has open lose its name. */
function openNameless(folder: string): number {
  makeFolder(folder);
  const path = temporaryName(join(folder, "scratch"));
  const descriptor = openSync(path, "wx+", 0o600);
  try {
    unlinkSync(path);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return descriptor;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    // With `recursive`, a file that stands where the folder should be is EEXIST.
    throw errorCode(error) === "EEXIST" ? Object.assign(new Error(), { code: "ENOTDIR" }) : error;
  }
}

function attempt<T>(folder: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const told = ioError(error, join(folder, "scratch"));
    if (!(told instanceof InputError)) throw error;
    throw new InputError(
      `${told.message}\nWhat memory has no room for is kept there; TMPDIR names another folder.`,
    );
  }
}
