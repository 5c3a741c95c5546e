/**
 * What a run stands on, and in what two grounds differ: bits are the same only on the same version, runtime, machine,
 * with the same options, model and data.
 */
import { UsageError } from "../../util/errors.ts";
import type { RunDrift, RunFile } from "../run-file.ts";

/** All of run.json that decides the bits. */
export type Ground = Pick<RunFile, "options" | "versions" | "model" | "data">;

/**
 * Options that two runs of the same bits may differ in: what is compared by its content (data, model) or as it was used
 * (threads, runtime, precision), when a run ends or saves, and what it does about a step that it could not take.
 */
const FREE: ReadonlySet<string> = new Set([
  ...["train", "trainTags", "validation", "validationTags", "model"],
  ...["threads", "runtime", "precision"],
  ...["timeLimit", "saveSteps", "saveTotalLimit", "saveStrategy", "onNonFinite"],
]);

export function groundOf({ options, versions, model, data }: RunFile): Ground {
  return { options, versions, model, data };
}

/** In the order in which a person would look: what runs, on what, with what. */
export function driftBetween(before: Ground, now: Ground): RunDrift[] {
  const [then, today] = [before, now].map(factsOf);
  const names = new Set([...Object.keys(then), ...Object.keys(today)]);
  return [...names]
    .filter((name) => JSON.stringify(then[name]) !== JSON.stringify(today[name]))
    .map((name) => ({ name, before: then[name] ?? null, now: today[name] ?? null }));
}

function factsOf({ options, versions, model, data }: Ground): Record<string, unknown> {
  const facts: Record<string, unknown> = { ...versions, model: model.sha256 };
  for (const [name, { sha256 }] of Object.entries(data)) facts[name] = sha256;
  for (const [name, { value }] of Object.entries(options)) if (!FREE.has(name)) facts[name] = value;
  return facts;
}

/** Most differences that a message lists. */
const LISTED = 5;

/** The refusal to go on from a checkpoint on another ground. */
export function driftError(folder: string, drift: readonly RunDrift[]): UsageError {
  const listed = drift.slice(0, LISTED).map(describe).join("; ");
  const more = drift.length > LISTED ? ` and ${drift.length - LISTED} more` : "";
  return new UsageError(
    `resume: not the run that was stopped: ${listed}${more} (${folder}).\n` +
      "Give what it began with, or add allowDrift: it then goes on, but not to the same bits.",
    ["resume", ...drift.slice(0, LISTED).map(({ name }) => name), "allowDrift"],
  );
}

function describe({ name, before, now }: RunDrift): string {
  if (isHash(before ?? now)) return `${name} has another content`;
  return `${name} was ${shown(before)}, now ${shown(now)}`;
}

function isHash(value: unknown): boolean {
  return typeof value === "object" || /^[0-9a-f]{64}$/.test(String(value));
}

function shown(value: unknown): string {
  if (value === null) return "not given";
  return typeof value === "string" ? value : JSON.stringify(value);
}
