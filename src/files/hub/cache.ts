/**
 * Models that are already on this machine: in huggingface_hub's cache, whose layout is
 * `models--OWNER--NAME/{refs/main, snapshots/COMMIT/FILE -> ../../blobs/HASH}`, and in our own.
 */
import { mkdir, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { writeFileAtomic } from "../atomic.ts";
import { errorCode } from "../io-errors.ts";
import { parseJsonObject } from "../model-folder.ts";
import { parseShards, WEIGHTS, WEIGHTS_INDEX } from "../shards.ts";
import { temporaryName } from "../temporary-files.ts";
import { type Environment, hubCacheFolder, ownCacheFolder } from "./environment.ts";

/** Folder of a model in huggingface_hub's cache. */
export function repositoryFolder(name: string, env: Environment): string {
  return join(hubCacheFolder(env), `models--${name.replace("/", "--")}`);
}

/** Folder of a model in our own cache. */
export function ownFolder(name: string, env: Environment): string {
  return join(ownCacheFolder(env), name.replace("/", "--"));
}

/** The folder of a cached model that is complete, from either cache; undefined where there is none. */
export async function findCached(name: string, env: Environment): Promise<string | undefined> {
  const snapshot = await findSnapshot(repositoryFolder(name, env));
  if (snapshot !== undefined) return snapshot;
  const own = ownFolder(name, env);
  return (await isComplete(own)) ? own : undefined;
}

/** The snapshot that `refs/main` names, if all that we need of it is there. */
async function findSnapshot(repository: string): Promise<string | undefined> {
  const commit = (await readFile(join(repository, "refs", "main"), "utf8").catch(() => "")).trim();
  if (!/^\w+$/.test(commit)) return undefined;
  const folder = join(repository, "snapshots", commit);
  return (await isComplete(folder)) ? folder : undefined;
}

export interface CachedModel {
  readonly name: string;
  /** Whether all files are there; a download goes on where it stopped. */
  readonly complete: boolean;
}

/** The models in both caches, by name. */
export async function cachedModels(env: Environment): Promise<CachedModel[]> {
  const names = (await cachedNames(env)).sort();
  return Promise.all(
    names.map(async (name) => ({ name, complete: (await findCached(name, env)) !== undefined })),
  );
}

/** Names of the models in both caches, complete or not, for suggestions. */
export async function cachedNames(env: Environment): Promise<string[]> {
  const hub = await readdir(hubCacheFolder(env)).catch(() => []);
  const own = await readdir(ownCacheFolder(env)).catch(() => []);
  const repositories = hub
    .filter((entry) => entry.startsWith("models--"))
    .map((entry) => entry.slice("models--".length));
  return [...new Set([...repositories, ...own.filter((entry) => !entry.startsWith("."))])].map((entry) =>
    entry.replace("--", "/"),
  );
}

/** Whether `folder` holds a configuration, all weights and a vocabulary. A link to a missing file does not count. */
export async function isComplete(folder: string): Promise<boolean> {
  if (!(await hasFile(folder, "config.json"))) return false;
  if (!(await hasFile(folder, "tokenizer.json")) && !(await hasFile(folder, "vocab.txt"))) return false;
  return (await hasFile(folder, WEIGHTS)) || (await hasShards(folder));
}

async function hasShards(folder: string): Promise<boolean> {
  const path = join(folder, WEIGHTS_INDEX);
  try {
    const shards = parseShards(parseJsonObject(await readFile(path, "utf8"), path), path);
    for (const shard of new Set(shards.values())) if (!(await hasFile(folder, shard))) return false;
    return true;
  } catch {
    return false; // no index, or a damaged one: a download brings another
  }
}

async function hasFile(folder: string, name: string): Promise<boolean> {
  return stat(join(folder, name)).then(
    (stats) => stats.isFile() && stats.size > 0,
    () => false,
  );
}

/** Makes `snapshots/COMMIT/file` show the content of `blobs/hash`: a link, or the file itself where links are refused. */
export async function addToSnapshot(
  repository: string,
  commit: string,
  file: string,
  hash: string,
): Promise<void> {
  const folder = join(repository, "snapshots", commit);
  await mkdir(folder, { recursive: true });
  const path = join(folder, file);
  const blob = join(repository, "blobs", hash);
  const temporary = temporaryName(path);
  try {
    await symlink(relative(folder, blob), temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    // Windows without developer mode, and some network disks.
    if (!["EPERM", "EACCES", "ENOTSUP", "ENOSYS"].includes(errorCode(error) ?? "")) throw error;
    await rename(blob, path);
  }
}

/** Notes which commit `main` is. Comes last: what it names is complete. */
export async function setMain(repository: string, commit: string): Promise<void> {
  await mkdir(join(repository, "refs"), { recursive: true });
  await writeFileAtomic(join(repository, "refs", "main"), commit);
}
