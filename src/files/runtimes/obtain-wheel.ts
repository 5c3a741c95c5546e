/** The wheel of a runtime on this machine: one that the user has, one that an earlier try has fetched, or pip's. */
import { open, rename, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { InputError } from "../../util/errors.ts";
import type { OnProgress } from "../hub/download.ts";
import { type Environment, isOffline } from "../hub/environment.ts";
import { Unreachable } from "../hub/http.ts";
import { formatBytes, ioError } from "../io-errors.ts";
import { pipCommand, type Run, runProgram } from "../wheels/pip.ts";
import { fetchWheel, isWheel, type PinnedWheel } from "../wheels/wheel.ts";

export interface ObtainOptions {
  /** A wheel on this machine, in place of a download. */
  from?: string;
  /** Ends the work; a wheel that came whole is kept for the next try. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Default `process.env`. */
  env?: Environment;
  /** How pip is run; default as a child process. */
  run?: Run;
}

interface Folders {
  /** Receives what is not finished, on the disk of `keep`. */
  work: string;
  /** Keeps a wheel that came whole. */
  keep: string;
}

/** The path of `wheel`, checked. Throws `InputError` where it cannot be had, or the user's file is another one. */
export async function obtainWheel(
  wheel: PinnedWheel,
  { work, keep }: Folders,
  options: ObtainOptions,
): Promise<string> {
  const { from, env = process.env, signal, run = runProgram, onProgress = () => {} } = options;
  if (from !== undefined) return checkGiven(wheel, from);
  const kept = keptWheel(wheel, keep);
  if (await isWheel(wheel, kept)) return kept;
  if (isOffline(env)) throw noDownload(wheel, "HF_HUB_OFFLINE forbids downloads");
  try {
    await rename(await fetchWheel(wheel, work, { env, run, onProgress, signal }), kept);
    return kept;
  } catch (error) {
    throw error instanceof Unreachable ? noDownload(wheel, error.message) : error;
  }
}

/** Where a wheel that came whole waits to be unpacked: the next try need not fetch it. */
export function keptWheel(wheel: PinnedWheel, keep: string): string {
  return join(keep, wheel.file);
}

function noDownload(wheel: PinnedWheel, why: string): InputError {
  return new InputError(
    [
      `${wheel.requirement} cannot be downloaded: ${why}.`,
      `Where there is a network: ${pipCommand(wheel)}`,
      `Then give the file with --from ${wheel.file}`,
    ].join("\n"),
  );
}

async function checkGiven(wheel: PinnedWheel, path: string): Promise<string> {
  try {
    if (await isWheel(wheel, path)) return path;
    throw wrongFile(wheel, path, await look(path));
  } catch (error) {
    throw ioError(error, `--from ${path}`);
  }
}

interface Look {
  /** Bytes. */
  size: number;
  /** The first two characters. */
  start: string;
}

/** What is wrong with a file that is not `wheel`. */
function wrongFile(wheel: PinnedWheel, path: string, { size, start }: Look): InputError {
  const advice = `Get it so: ${pipCommand(wheel)}`;
  if (start !== "PK") return new InputError(`--from ${path}: this is no wheel (no zip archive).\n${advice}`);
  if (basename(path) === wheel.file && size < wheel.size) {
    const sizes = `${formatBytes(size)} of ${formatBytes(wheel.size)}`;
    return new InputError(`--from ${path}: the file is cut off: ${sizes}.\nCopy it again.`);
  }
  return new InputError(
    `--from ${path}: this is not ${wheel.file} as it was published (its SHA-256 differs).\n${advice}`,
  );
}

async function look(path: string): Promise<Look> {
  const stats = await stat(path);
  if (stats.isDirectory()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return { size: stats.size, start: buffer.toString("latin1", 0, bytesRead) };
  } finally {
    await handle.close();
  }
}
