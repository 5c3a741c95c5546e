/**
 * `run.json` of an output folder: what a run was asked for and what it ran on, written before its first step and again
 * at its end. docs/run-folder.md has the format.
 */
import { writeFileAtomic } from "../files/atomic.ts";
import { readJsonIfExists, TEXT_LIMITS } from "../files/model-folder.ts";
import { InputError } from "../util/errors.ts";
import type { ResolvedOptions } from "./resolve-options.ts";

export const RUN_FILE = "run.json";

/** Rises when a reader of the former format would misread the new one. */
const FORMAT = 1;

export interface RunVersions {
  bertwright: string;
  node: string;
  /** Such as `linux x64`. */
  platform: string;
  processor: string;
  runtime: string;
  runtime_version: string;
  precision: string;
  threads: number;
}

export interface RunInput {
  /** The file as it was given, or `rows in memory`. */
  name: string;
  /** Of the file; of rows in memory, each as a line of JSON. */
  sha256: string;
  /** Texts, sentences or questions; a second file with tags has none of its own. */
  rows?: number;
}

/** What a run that was resumed on another ground differed in. */
export interface RunDrift {
  name: string;
  before: unknown;
  now: unknown;
}

export interface RunFile {
  format: typeof FORMAT;
  status: "running" | "finished";
  /** ISO 8601, UTC. */
  started: string;
  finished?: string;
  options: ResolvedOptions;
  versions: RunVersions;
  /** The pretrained model: SHA-256 by file of its weights. */
  model: { name: string; sha256: Readonly<Record<string, string>> };
  data: Readonly<Record<string, RunInput>>;
  /** Steps from which the run was taken up again. */
  resumed_from?: readonly number[];
  drift?: readonly RunDrift[];
}

/** Writes it whole or not at all. */
export async function writeRunFile(folder: string, run: RunFile): Promise<void> {
  await writeFileAtomic(`${folder}/${RUN_FILE}`, `${JSON.stringify(run, null, 2)}\n`);
}

export function finishedRun(run: RunFile): RunFile {
  return { ...run, status: "finished", finished: new Date().toISOString() };
}

/** Throws `InputError` that says what is wrong with the file, or that there is none. */
export async function readRunFile(folder: string): Promise<RunFile> {
  const json = await readJsonIfExists(folder, RUN_FILE, TEXT_LIMITS.config);
  if (json) return parseRunFile(json, `${folder}/${RUN_FILE}`);
  throw new InputError(
    `${folder}: ${RUN_FILE} is missing.\nA folder that train wrote has one; check the folder.`,
  );
}

/** The same of JSON that was read already; `name` is for messages. */
export function parseRunFile(json: Readonly<Record<string, unknown>>, name: string): RunFile {
  const fault = faultOf(json);
  if (fault === undefined) return json as unknown as RunFile;
  throw new InputError(`${name}: ${fault}.\nIt was not written by train, or was changed since.`);
}

/** What is not as it was written; undefined where all is. */
function faultOf(json: Readonly<Record<string, unknown>>): string | undefined {
  if (json.format !== FORMAT) return `format is ${JSON.stringify(json.format)}, and ${FORMAT} is read`;
  if (json.status !== "running" && json.status !== "finished") {
    return `status is ${JSON.stringify(json.status)}, neither running nor finished`;
  }
  const missing = (["options", "versions", "model", "data"] as const).find((name) => !isObject(json[name]));
  if (missing !== undefined) return `${missing} is missing`;
  const wrong = faultOfOptions(json.options as object);
  if (wrong) return wrong;
  const { sha256 } = json.model as { sha256?: unknown };
  if (!isObject(sha256)) return "model.sha256 is missing";
  const input = Object.entries(json.data as object).find(([, one]) => !isObject(one) || !isHash(one.sha256));
  return input && `data.${input[0]} has no sha256`;
}

/** The options of a run.json, or of what `previewOptions` gave; `name` is for messages. */
export function recordedOptions(json: Readonly<Record<string, unknown>>, name: string): ResolvedOptions {
  const fault = isObject(json.options) ? faultOfOptions(json.options) : "options is no object";
  if (fault === undefined) return json.options as ResolvedOptions;
  throw new InputError(`${name}: ${fault}.\nA plain file of options has their names and values alone.`);
}

function faultOfOptions(options: object): string | undefined {
  const wrong = Object.entries(options).find(([, option]) => !isOption(option));
  return wrong && `options.${wrong[0]} has no value and origin`;
}

const ORIGINS: readonly unknown[] = ["default", "recipe", "file", "given"];

function isOption(option: unknown): boolean {
  return isObject(option) && "value" in option && ORIGINS.includes(option.origin);
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
