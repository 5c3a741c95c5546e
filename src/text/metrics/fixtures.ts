/**
 * Compares the metrics with recorded values of scikit-learn, scipy, seqeval and the SQuAD script: `{ section: cases }`,
 * where a case has the inputs of its section and under all other names what was computed from them there.
 */
import { InputError } from "../../util/errors.ts";
import type { Case, Json, Section } from "./recorded-cases.ts";
import { brief, isObject, SECTIONS } from "./recorded-cases.ts";

/** Largest difference of two values, relative to the expected one where that is above 1. */
const TOLERANCE = 1e-9;

export interface SectionResult {
  /** The section's name in the file, such as `classification`. */
  name: string;
  /** Cases in the section, up to the one that differs. */
  cases: number;
  /** Why the section was not compared. */
  skipped?: string;
  /** Where and how the first value differs, as `[2].confusion[0][1]: expected 3, got 4`. */
  firstDifference?: string;
}

/** The JSON of Python's `json` module, which writes NaN and Infinity as such; they are read as `null`: not defined. */
export function parseFixture(text: string): unknown {
  // A string is matched first, as a whole, so that the words inside of it stay.
  const token = /"(?:[^"\\]|\\.)*"|NaN|-?Infinity/g;
  return JSON.parse(text.replace(token, (found) => (found.startsWith('"') ? found : "null")));
}

/**
 * One result a section of the file, in its order; a section that no metric is for is `skipped`. A recorded `null` was
 * not defined there and is not compared; a recorded value that we do not compute is a difference.
 * Throws `InputError` where the file as a whole has another form.
 */
export function checkMetricsFixture(json: unknown): SectionResult[] {
  if (!isObject(json as Json)) {
    throw new InputError(
      "metrics fixture: expected an object of sections, such as classification and correlation",
    );
  }
  return Object.entries(json as Case).map(([name, cases]) => checkSection(name, cases));
}

function checkSection(name: string, recorded: Json): SectionResult {
  const section = Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined;
  const cases = casesOf(recorded);
  if (section === undefined) return { name, cases: cases.length, skipped: "no metric" };
  if (cases.length === 0) return { name, cases: 0, firstDifference: "expected cases" };
  for (const [i, { path, item }] of cases.entries()) {
    const difference = checkCase(section, item);
    if (difference !== undefined) return { name, cases: i + 1, firstDifference: path + difference };
  }
  return { name, cases: cases.length };
}

/** The cases of a section with where they are: a list of them, or an object of cases and of lists of them. */
function casesOf(recorded: Json, path = ""): { path: string; item: Json }[] {
  if (Array.isArray(recorded)) return recorded.map((item, i) => ({ path: `${path}[${i}]`, item }));
  if (!isObject(recorded)) return [];
  return Object.entries(recorded).flatMap(([name, part]) =>
    Array.isArray(part) ? casesOf(part, `.${name}`) : [{ path: `.${name}`, item: part }],
  );
}

function checkCase({ inputs, compute }: Section, item: Json): string | undefined {
  if (!isObject(item)) return ": expected an object";
  const recorded = Object.fromEntries(Object.entries(item).filter(([name]) => !inputs.includes(name)));
  if (Object.keys(recorded).length === 0) return ": nothing is recorded";
  try {
    return firstDifference(recorded, compute(item));
  } catch (error) {
    if (error instanceof RangeError) return `: ${error.message}`;
    throw error;
  }
}

/** Path and values of the first place where `actual` lacks or misses what `expected` has; undefined if none. */
function firstDifference(expected: Json, actual: Json | undefined, path = ""): string | undefined {
  if (expected === null) return undefined;
  if (actual === undefined) return `${path}: not computed`;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length)
      return `${path}: expected ${expected.length} values, got ${actual.length}`;
    return firstOf(expected.keys(), (i) => firstDifference(expected[i], actual[i], `${path}[${i}]`));
  }
  if (isObject(expected) && isObject(actual)) {
    return firstOf(Object.keys(expected), (key) =>
      firstDifference(expected[key], actual[key], `${path}.${key}`),
    );
  }
  return isClose(expected, actual) ? undefined : `${path}: expected ${brief(expected)}, got ${brief(actual)}`;
}

function firstOf<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isClose(expected: Json, actual: Json): boolean {
  if (typeof expected !== "number" || typeof actual !== "number") return expected === actual;
  return Math.abs(expected - actual) <= TOLERANCE * Math.max(1, Math.abs(expected));
}
