/** A file of results: written beside its name and renamed when complete, so that half of one is never met. */
import { createWriteStream, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { InputError } from "../../util/errors.ts";
import { LineWriter } from "./line-writer.ts";

/**
 * Runs `write` and gives back what it returns; then the file appears under `path`. Throws `InputError` where the file exists and is
 * not to be overwritten, or cannot be written. A device or a pipe is written as it is.
 */
export async function writeResultFile<T>(
  path: string,
  { overwrite }: { overwrite: boolean },
  write: (writer: LineWriter) => Promise<T>,
): Promise<T> {
  checkResultFile(path, { overwrite });
  const direct = existsSync(path) && !statSync(path).isFile();
  const target = direct ? path : `${path}.${process.pid}.tmp`;
  const removeUnfinished = () => direct || rmSync(target, { force: true });
  process.once("exit", removeUnfinished);
  try {
    const result = await writeWhole(target, path, write);
    if (!direct) renameSync(target, path);
    return result;
  } finally {
    removeUnfinished();
    process.off("exit", removeUnfinished);
  }
}

/** What can be said before the work begins. */
export function checkResultFile(path: string, { overwrite }: { overwrite: boolean }): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory())
    throw new InputError(`${path}: this is a folder.\nGive --output the name of a file.`);
  if (stats?.isFile() && stats.size > 0 && !overwrite) {
    throw new InputError(
      `${path}: this file exists.\nAdd --overwrite to replace it, or choose another --output.`,
    );
  }
}

async function writeWhole<T>(
  target: string,
  path: string,
  write: (writer: LineWriter) => Promise<T>,
): Promise<T> {
  const stream = createWriteStream(target, { flush: true });
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  const writer = new LineWriter(stream, path);
  try {
    const result = await write(writer);
    await writer.end();
    return result;
  } finally {
    stream.destroy();
    await closed;
  }
}
