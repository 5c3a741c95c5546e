/** What an installed runtime's folder must hold. The manifest is written last: a folder without one is unfinished. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../atomic.ts";
import { hashFile } from "../hash.ts";
import { readJsonIfExists } from "../model-folder.ts";

const MANIFEST = "runtime.json";
/** Some 100 bytes a file. */
const MAX_BYTES = 100_000;

export interface Manifest {
  name: string;
  version: string;
  files: readonly ManifestFile[];
}

interface ManifestFile {
  name: string;
  /** Bytes. */
  size: number;
  sha256: string;
}

/** Notes `names`, which are in `folder`. */
export async function writeManifest(
  folder: string,
  { name, version }: { name: string; version: string },
  names: readonly string[],
): Promise<void> {
  const files: ManifestFile[] = [];
  for (const name of names) {
    const path = join(folder, name);
    files.push({ name, size: (await stat(path)).size, sha256: await hashFile(path) });
  }
  const manifest: Manifest = { name, version, files };
  await writeFileAtomic(join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** The manifest of `folder`; undefined where there is none, or none that can be read. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const json = await readJsonIfExists(folder, MANIFEST, MAX_BYTES).catch(() => undefined);
  const { name, version, files } = json ?? {};
  if (typeof name !== "string" || typeof version !== "string" || !Array.isArray(files)) return undefined;
  return files.every(isManifestFile) ? { name, version, files } : undefined;
}

function isManifestFile(file: unknown): file is ManifestFile {
  if (typeof file !== "object" || file === null) return false;
  const { name, size, sha256 } = file as Partial<ManifestFile>;
  return typeof name === "string" && typeof size === "number" && typeof sha256 === "string";
}

/**
 * The first file of `folder` that is missing or not as it was written: by its size, which costs nothing, or with
 * `content` by its hash.
 */
export async function damagedFile(
  folder: string,
  { files }: Manifest,
  { content }: { content: boolean },
): Promise<string | undefined> {
  for (const { name, size, sha256 } of files) {
    const path = join(folder, name);
    const stats = await stat(path).catch(() => undefined);
    if (stats?.size !== size || (content && (await hashFile(path)) !== sha256)) return name;
  }
  return undefined;
}
