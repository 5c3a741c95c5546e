/** The folder that a command writes to: checked before work begins, so that hours of training do not end in an error. */
import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../util/errors.ts";
import { makeFolder } from "./atomic.ts";
import { currentDisk } from "./disk.ts";
import { checkRoom, errorCode, ioError } from "./io-errors.ts";
import { nearestFolder } from "./place.ts";
import { removeAbandoned } from "./temporary-files.ts";

export interface OutputOptions {
  /** Whether files of ours may be replaced in a folder that is not empty. */
  overwrite: boolean;
  /** Names of the files to be written. */
  files: readonly string[];
  /** What they will need on the disk, in bytes; default 0. */
  bytes?: number;
  /** A folder with one of these files is of the kind that may be written over; default those of a model. */
  marks?: readonly string[];
  /** What such a folder holds, for people; default `model`. */
  what?: string;
}

/** A folder that holds one of these holds a model, whose other files may be replaced with it. */
const MODEL_FILES = ["config.json", "model.safetensors"];

/**
 * Checks that `folder` may be written to and changes nothing: it is missing or empty, or it holds a model (or
 * what `marks` say) and `overwrite` is set; its disk has room and lets us write. Throws `InputError` otherwise.
 */
export async function checkOutput(
  folder: string,
  { overwrite, files, bytes = 0, marks = MODEL_FILES, what = "model" }: OutputOptions,
): Promise<void> {
  const entries = await list(folder);
  const visible = entries?.filter((entry) => !entry.startsWith(".")) ?? [];
  if (visible.length > 0 && !overwrite) {
    throw new InputError(
      `--output ${folder}: the folder is not empty (${some(visible)}).\nChoose another folder, or replace the ${what} there with --overwrite.`,
    );
  }
  const replaced = visible.filter((entry) => files.includes(entry));
  if (replaced.length > 0 && !marks.some((name) => visible.includes(name))) {
    throw new InputError(
      `--output ${folder}: --overwrite would replace ${some(replaced)}, and no ${what} is there.\nChoose another folder.`,
    );
  }
  await checkDisk(folder, await nearestFolder(folder), bytes);
}

/**
 * `checkOutput`, then makes the folder and removes what killed runs left half-written there. Nothing else is removed:
 * with `overwrite` each file stays until its successor is complete.
 */
export async function prepareOutput(folder: string, options: OutputOptions): Promise<void> {
  await checkOutput(folder, options);
  await makeFolder(folder);
  await removeAbandoned(folder, new Set(options.files));
}

/** Removes files of ours that those now written have no successor of; what is not there is no error. */
export async function removeOutdated(folder: string, names: readonly string[]): Promise<void> {
  try {
    for (const name of names) await currentDisk().remove(join(folder, name));
  } catch (error) {
    throw ioError(error, folder);
  }
}

/** Entries of `folder`, or undefined where it does not exist. */
async function list(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    if (errorCode(error) === "ENOTDIR") {
      throw new InputError(
        `--output ${folder}: this is a file, and a folder is needed.\nChoose another name.`,
      );
    }
    throw ioError(error, folder);
  }
}

async function checkDisk(folder: string, existing: string, bytes: number): Promise<void> {
  try {
    await access(existing, constants.W_OK);
  } catch (error) {
    throw ioError(error, folder);
  }
  checkRoom(folder, bytes, existing);
}

function some(names: readonly string[]): string {
  return names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "");
}
