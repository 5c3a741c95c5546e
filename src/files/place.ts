/** Where something is to be written: whether the disk lets us, and how much room it has. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { freeBytes } from "./io-errors.ts";

export interface Place {
  readonly folder: string;
  /** Whether files may be made there; of a folder that is not there, whether it may. */
  readonly writable: boolean;
  /** Bytes; undefined where the system does not say. */
  readonly free?: number;
}

/** Looks and changes nothing. */
export async function examinePlace(folder: string): Promise<Place> {
  const existing = await nearestFolder(folder);
  return { folder: resolve(folder), writable: await isWritable(existing), free: freeBytes(existing) };
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** `folder` where it exists, else the nearest one above it. */
export async function nearestFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  const stats = await stat(path).catch(() => undefined);
  return stats || path === dirname(path) ? path : nearestFolder(dirname(path));
}
