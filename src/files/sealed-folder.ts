/**
 * Folders that are seen whole or not at all, and that show any bit that changed since: written beside their name,
 * flushed, renamed, and sealed by a JSON file with the SHA-256 of every file and of itself.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { InputError } from "../util/errors.ts";
import { type FileToWrite, makeFolder } from "./atomic.ts";
import { currentDisk } from "./disk.ts";
import { hashFile } from "./hash.ts";
import { errorCode, ioError } from "./io-errors.ts";
import { readTextIfExists, TEXT_LIMITS } from "./model-folder.ts";
import { writeNewFile } from "./new-file.ts";
import { finished, temporaryName, unfinishedUntilSaid } from "./temporary-files.ts";

/** The file that seals the folder, written last. */
export const SEAL = "state.json";

/** What is sealed with the files, as JSON has it. */
export type SealedContent = Readonly<Record<string, unknown>>;

/**
 * Writes the folder `path` with `files` and, in its seal, `content`. What was at `path` is replaced, and until all is on
 * the disk it stays. Throws `InputError` where the disk or its rights refuse; then nothing of the new folder stays.
 */
export async function writeSealedFolder(
  path: string,
  files: readonly FileToWrite[],
  content: SealedContent,
): Promise<void> {
  const disk = currentDisk();
  const temporary = temporaryName(path);
  const size = files.reduce((sum, file) => sum + (file.size ?? 0), 0);
  await makeFolder(dirname(path));
  unfinishedUntilSaid(temporary);
  try {
    await disk.makeFolder(temporary);
    const sums: Record<string, string> = {};
    for (const file of files) {
      const hash = createHash("sha256");
      await writeNewFile(join(temporary, file.name), file.content, hash);
      sums[file.name] = hash.digest("hex");
    }
    await writeNewFile(join(temporary, SEAL), sealed({ ...content, files: sums }));
    await disk.syncFolder(temporary);
    await replaceFolder(temporary, path);
  } catch (error) {
    await disk.remove(temporary).catch(() => {}); // the first error is the one to tell
    throw ioError(error, path, size);
  } finally {
    finished(temporary);
  }
}

/**
 * Reads the seal of the folder and checks it and every file against it. `InputError` says which is missing or damaged.
 */
export async function readSealedFolder(path: string): Promise<SealedContent> {
  const content = await readSeal(path);
  for (const [name, expected] of Object.entries(content.files as Record<string, string>)) {
    if ((await sumOf(join(path, name))) !== expected) throw damaged(path, name);
  }
  return content;
}

/** Removes the folder so that no half of it is ever met under its name. */
export async function removeFolder(path: string): Promise<void> {
  const disk = currentDisk();
  const doomed = temporaryName(path);
  try {
    await disk.rename(path, doomed);
    // Without it a power cut may undo the rename and keep what was removed then.
    await disk.syncFolder(dirname(path));
    await disk.remove(doomed);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw ioError(error, path);
  }
}

/** A rename replaces no folder that holds something: that one goes first. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const disk = currentDisk();
  try {
    await disk.rename(from, to);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(errorCode(error) ?? "")) throw error;
    await removeFolder(to);
    await disk.rename(from, to);
  }
  await disk.syncFolder(dirname(to));
}

function sealed(content: SealedContent): string {
  const body = JSON.stringify(content);
  const sum = createHash("sha256").update(body).digest("hex");
  return `{"sha256":"${sum}","content":${body}}\n`;
}

async function readSeal(path: string): Promise<SealedContent> {
  const text = await readTextIfExists(path, SEAL, TEXT_LIMITS.seal);
  if (text === undefined) throw new InputError(`${path}: ${SEAL} is missing.\nThis is no checkpoint.`);
  try {
    const { content }: { content: SealedContent } = JSON.parse(text);
    // Written again it is the same to the byte, or it was changed.
    if (sealed(content) === text) return content;
  } catch {
    // What is no JSON is as damaged as what is another.
  }
  throw damaged(path, SEAL);
}

/** undefined where the file is missing; a disk that cannot read it damages it as well. */
async function sumOf(path: string): Promise<string | undefined> {
  return hashFile(path).catch(() => undefined);
}

function damaged(path: string, name: string): InputError {
  return new InputError(
    `${path}: ${name} is missing or not as it was written.\nThe folder cannot be used; remove it.`,
  );
}
