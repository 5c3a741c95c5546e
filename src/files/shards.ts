/** Checkpoints in several files: `model.safetensors.index.json` says which file holds which tensor. */
import { InputError } from "../util/errors.ts";

export const WEIGHTS = "model.safetensors";
export const WEIGHTS_INDEX = "model.safetensors.index.json";

/** Models of 400 GB come in 200 files; each is an open file here. */
const MAX_SHARDS = 500;

/**
 * The index's `weight_map`: tensor name to file name. File names must be plain, so that nothing outside the folder is
 * read. `name` is for messages.
 */
export function parseShards(index: Readonly<Record<string, unknown>>, name: string): Map<string, string> {
  const map = index.weight_map;
  const entries: [string, unknown][] = typeof map === "object" && map !== null ? Object.entries(map) : [];
  if (entries.length === 0)
    throw new InputError(`${name}: weight_map is missing or empty.\nGet the file again.`);
  const shards = new Map<string, string>();
  for (const [tensor, file] of entries) {
    if (typeof file !== "string" || !/^\w[\w.-]*\.safetensors$/.test(file)) {
      const found = JSON.stringify(file).slice(0, 80);
      throw new InputError(
        `${name}: "${tensor}" is in ${found}, not a safetensors file of this folder.\nGet the file again.`,
      );
    }
    shards.set(tensor, file);
  }
  const count = new Set(shards.values()).size;
  if (count > MAX_SHARDS)
    throw new InputError(`${name}: ${count} files, the limit is ${MAX_SHARDS}.\nUse a smaller model.`);
  return shards;
}
