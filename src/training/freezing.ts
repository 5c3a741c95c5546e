/** Which parameters a run leaves as they are: what `freeze` says of their names in the checkpoint. */
import type { ParameterSpec } from "../model/parameters.ts";
import { nearMiss, UsageError } from "../util/errors.ts";

/**
 * Names of the parameters that start with one of `patterns`, up to a dot or whole; `bert.` need not be written, `0-3`
 * between dots is each of these numbers, `*` any characters. Throws `UsageError` for a pattern that names nothing, and
 * where nothing is left to learn.
 */
export function frozenParameters(
  patterns: readonly string[],
  specs: readonly ParameterSpec[],
): ReadonlySet<string> {
  const names = specs.map(({ name }) => name);
  const frozen = new Set<string>();
  for (const pattern of patterns) {
    for (const single of expandRanges(pattern)) {
      const found = names.filter((name) => matcher(single).test(name));
      if (found.length === 0) throw namesNothing(pattern, single, names);
      for (const name of found) frozen.add(name);
    }
  }
  if (frozen.size === names.length) {
    throw new UsageError(
      `freeze ${patterns.join(",")}: that is the whole model, and nothing is left to learn.\nLeave out its head at least.`,
      ["freeze"],
    );
  }
  return frozen;
}

/** How many of the encoder's `layers` the backward pass goes through; `specs` in the order of the forward pass. */
export function layersInBackwardPass(
  specs: readonly ParameterSpec[],
  frozen: ReadonlySet<string>,
  layers: number,
): number {
  const lowest = specs.find(({ name }) => !frozen.has(name))?.name ?? "";
  if (lowest.startsWith("bert.embeddings.")) return layers;
  const layer = /^bert\.encoder\.layer\.(\d+)\./.exec(lowest);
  return layer ? layers - Number(layer[1]) : 0;
}

/** For people: how much learns. */
export function freezingLine(
  patterns: readonly string[],
  specs: readonly ParameterSpec[],
  frozen: ReadonlySet<string>,
): string {
  const count = (some: readonly ParameterSpec[]) =>
    some.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0).toLocaleString("en-US");
  const learning = specs.filter(({ name }) => !frozen.has(name));
  return `${count(learning)} of ${count(specs)} parameters learn (frozen: ${patterns.join(", ")})`;
}

const RANGE = /^(\d+)-(\d+)$/;

/** Why a pattern is none, whatever the model; undefined where it is one. */
export function patternFault(pattern: unknown): string | undefined {
  if (typeof pattern !== "string" || pattern.trim() === "") return "a name is empty";
  const backward = pattern.split(".").find((part) => {
    const [, first, last] = RANGE.exec(part) ?? [];
    return Number(first) > Number(last);
  });
  return backward && `${backward} counts down`;
}

/** `layer.0-1.output` is `layer.0.output` and `layer.1.output`; one by one, since a range may go far beyond the model. */
function* expandRanges(pattern: string): Generator<string> {
  const parts = pattern.split(".");
  const place = parts.findIndex((part) => RANGE.test(part));
  if (place < 0) {
    yield pattern;
    return;
  }
  const [first, last] = parts[place].split("-").map(Number);
  for (let number = first; number <= last; number++) {
    yield* expandRanges(parts.with(place, String(number)).join("."));
  }
}

function matcher(pattern: string): RegExp {
  const escaped = pattern.replace(/[^\w*]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^(bert\\.)?${escaped}(\\.|$)`);
}

function namesNothing(pattern: string, single: string, names: readonly string[]): UsageError {
  const short = names.map((name) => name.replace(/^bert\./, ""));
  const parts = new Set(short.flatMap(beginnings));
  const near = nearMiss(single.replace(/^bert\./, ""), parts);
  // Another number is no misspelling.
  const withoutNumbers = (name: string) => name.replace(/\d+/g, "");
  const misspelt = near !== undefined && withoutNumbers(near) !== withoutNumbers(single);
  const which = single === pattern ? pattern : `${pattern}: ${single}`;
  return new UsageError(
    `freeze ${which} is no part of this model.${misspelt ? ` Did you mean ${near}?` : ""}\n` +
      `It has ${partsOf(short).join(", ")}.`,
    ["freeze"],
  );
}

/** `a`, `a.b` and `a.b.c` of `a.b.c`. */
function beginnings(name: string): string[] {
  const parts = name.split(".");
  return parts.map((_, i) => parts.slice(0, i + 1).join("."));
}

/** The model's parts, its layers as a range: `embeddings`, `encoder.layer.0-5`, `pooler`, `classifier`. */
function partsOf(names: readonly string[]): string[] {
  const layers = names.flatMap((name) => /^encoder\.layer\.(\d+)\./.exec(name)?.[1] ?? []).map(Number);
  const parts = names.map((name) => name.split(".")[0]);
  return [...new Set(parts)].map((part) =>
    part === "encoder" ? `encoder.layer.0-${Math.max(...layers)}` : part,
  );
}
