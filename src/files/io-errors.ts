/** What the file system answers, in words for a person: the usual error codes become an `InputError`. */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../util/errors.ts";

/** "512 bytes", "83.5 MB": decimal units, as disks and downloads are counted. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** The code of a system error ("ENOENT"), or undefined where `error` is something else. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

const ELSEWHERE = "Change its permissions or choose another place.";

const MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder.\nCheck the spelling.",
  EACCES: `permission denied.\n${ELSEWHERE}`,
  EPERM: `permission denied.\n${ELSEWHERE}`,
  EROFS: "this disk is read-only.\nChoose another place.",
  EISDIR: "this is a folder, and a file is needed.\nGive the name of a file.",
  ENOTDIR: "a part of this path is a file, not a folder.\nCheck the spelling or choose another place.",
  ENAMETOOLONG: "this name is too long for the disk.\nChoose a shorter one.",
  ELOOP: "this link leads round in a circle.\nGive the path of the file itself.",
  EMFILE: "too many files are open.\nClose other programs or raise the limit (ulimit -n).",
  ENFILE: "too many files are open.\nClose other programs or raise the limit (ulimit -n).",
  EIO: "the disk reported an error.\nCheck the disk, then try again.",
  EBUSY: "another program is using this.\nClose it, then try again.",
};

/**
 * The error to throw in place of `error`, which a call about `path` threw: an `InputError` that says what to do
 * where the code is one a person can act on, else `error` itself. `needed` is what was to be written, in bytes.
 */
export function ioError(error: unknown, path: string, needed?: number): unknown {
  const code = errorCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") return diskFull(path, needed);
  if (code !== undefined && Object.hasOwn(MESSAGES, code))
    return new InputError(`${path}: ${MESSAGES[code]}`);
  return error;
}

/** The error for a disk that cannot hold `needed` bytes at `path`. */
export function diskFull(path: string, needed?: number, free = freeBytes(dirname(path))): InputError {
  const amounts = [
    needed === undefined ? [] : [`${formatBytes(needed)} needed`],
    free === undefined ? [] : [`${formatBytes(free)} free`],
  ].flat();
  const detail = amounts.length > 0 ? `: ${amounts.join(", ")}` : "";
  return new InputError(`${path}: the disk is full${detail}.\nFree some space or choose another place.`);
}

/** Throws `InputError` where the disk of `folder`, which is there, cannot hold `needed` bytes more for `path`. */
export function checkRoom(path: string, needed: number, folder = dirname(path)): void {
  const free = freeBytes(folder);
  if (free !== undefined && free < needed) throw diskFull(path, needed, free);
}

/** Bytes that this user may still write to the disk of `folder`; undefined where the system does not say. */
export function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
