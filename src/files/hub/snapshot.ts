/** Brings what we need of a model on the Hub into huggingface_hub's cache. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../util/errors.ts";
import { makeFolder } from "../atomic.ts";
import { checkRoom } from "../io-errors.ts";
import { parseJsonObject } from "../model-folder.ts";
import { parseShards, WEIGHTS, WEIGHTS_INDEX } from "../shards.ts";
import { addToSnapshot, repositoryFolder, setMain } from "./cache.ts";
import { describeModel, fileUrl, type RemoteFile, type RemoteModel } from "./client.ts";
import { downloadBlob, type OnProgress } from "./download.ts";
import { type Environment, hubEndpoint } from "./environment.ts";
import type { Http } from "./http.ts";

export interface SnapshotOptions {
  env: Environment;
  http: Http;
  onProgress: OnProgress;
  /** Called with config.json before the weights are fetched; what it throws ends the download. */
  checkConfig(config: Record<string, unknown>, name: string): void;
}

/** What a model folder may hold beside its weights, as far as we read it. */
const SMALL_FILES = [
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "vocab.txt",
];

/**
 * Downloads `main` of the model `name` and returns its snapshot folder. Small files come first, so that a model that
 * cannot be used costs no download of weights. Throws `Unreachable`, `Refused` or `InputError`.
 */
export async function downloadModel(name: string, options: SnapshotOptions): Promise<string> {
  const endpoint = hubEndpoint(options.env);
  const model = await describeModel(endpoint, name, options.http);
  checkUsable(model);
  const repository = repositoryFolder(name, options.env);
  const snapshot = join(repository, "snapshots", model.commit);
  const fetchFiles = async (names: Iterable<string>) => {
    const files = await missingFrom(
      snapshot,
      [...names].map((file) => remoteFile(model, file)),
    );
    await makeFolder(repository);
    checkRoom(
      repository,
      files.reduce((sum, { size }) => sum + size, 0),
      repository,
    );
    for (const file of files) {
      const url = fileUrl(endpoint, model, file.name);
      await downloadBlob(url, file, join(repository, "blobs"), options.http, options.onProgress);
      await addToSnapshot(repository, model.commit, file.name, file.hash);
    }
  };
  await fetchFiles(SMALL_FILES.filter((file) => model.files.has(file)));
  options.checkConfig(await readObject(join(snapshot, "config.json")), name);
  if (model.files.has(WEIGHTS)) await fetchFiles([WEIGHTS]);
  else {
    await fetchFiles([WEIGHTS_INDEX]);
    const path = join(snapshot, WEIGHTS_INDEX);
    await fetchFiles(new Set(parseShards(await readObject(path), path).values()));
  }
  await setMain(repository, model.commit);
  return snapshot;
}

function checkUsable({ name, files }: RemoteModel): void {
  const lacks = (what: string, advice: string) =>
    new InputError(`${name}: the model on the Hub has no ${what}.\n${advice}`);
  if (!files.has("config.json")) throw lacks("config.json", "It is no BERT model; choose another one.");
  if (!files.has(WEIGHTS) && !files.has(WEIGHTS_INDEX)) {
    throw lacks(
      `${WEIGHTS}, only weights of another format`,
      "Convert it with Python's transformers (save_pretrained) and give the folder.",
    );
  }
  if (!files.has("tokenizer.json") && !files.has("vocab.txt")) {
    throw lacks("tokenizer.json or vocab.txt", "Choose a BERT model with its vocabulary.");
  }
}

function remoteFile({ name, files }: RemoteModel, file: string): RemoteFile {
  const found = files.get(file);
  if (!found)
    throw new InputError(
      `${name}: the model on the Hub has no ${file}, which its index names.\nChoose another model.`,
    );
  return found;
}

/** Those of `files` that an earlier download did not finish. */
async function missingFrom(snapshot: string, files: readonly RemoteFile[]): Promise<RemoteFile[]> {
  const sizes = await Promise.all(files.map(({ name }) => stat(join(snapshot, name)).catch(() => undefined)));
  return files.filter(({ size }, i) => sizes[i]?.size !== size);
}

async function readObject(path: string): Promise<Record<string, unknown>> {
  return parseJsonObject(await readFile(path, "utf8"), path);
}
