/**
 * Compares the metrics with recorded values of scikit-learn and scipy: `{ section: cases }`, where a case has
 * `predictions`, `references`, the options of its section, and under all other names what was computed there.
 */
import { InputError } from "../../util/errors.ts";
import { classification } from "./classification.ts";
import { multiLabel } from "./multi-label.ts";
import { regression } from "./regression.ts";
import type { Scores } from "./scores.ts";

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

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Case = { [name: string]: Json };

/** Computes what a section's case has recorded, in the same form; throws `RangeError` where its inputs are not right. */
type Section = (inputs: Case) => Json;

const SECTIONS: Record<string, { options: string[]; compute: Section }> = {
  classification: { options: ["labels"], compute: classificationCase },
  correlation: { options: [], compute: correlationCase },
  multi_label: { options: [], compute: multiLabelCase },
};

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

function checkSection(name: string, cases: Json): SectionResult {
  const count = Array.isArray(cases) ? cases.length : Object.keys(cases ?? {}).length;
  const section = Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined;
  if (section === undefined) return { name, cases: count, skipped: "no metric" };
  if (!Array.isArray(cases) || count === 0)
    return { name, cases: 0, firstDifference: "expected a list of cases" };
  for (const [i, item] of cases.entries()) {
    const difference = checkCase(section, item);
    if (difference !== undefined) return { name, cases: i + 1, firstDifference: `[${i}]${difference}` };
  }
  return { name, cases: count };
}

function checkCase(
  { options, compute }: { options: string[]; compute: Section },
  item: Json,
): string | undefined {
  if (!isObject(item)) return ": expected an object";
  const inputs = ["predictions", "references", ...options];
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

function classificationCase(inputs: Case): Json {
  const metric = classification({ labels: Number(inputs.labels) });
  forEachPair(inputs, numbers, metric.update);
  const { accuracy, matthews_correlation, cohen_kappa } = metric.compute();
  const { macro, micro, weighted } = metric.averages();
  const classes = metric.perClass();
  return {
    accuracy,
    matthews: matthews_correlation,
    cohen_kappa,
    confusion: metric.confusion(),
    per_class: {
      precision: classes.map(({ precision }) => precision),
      recall: classes.map(({ recall }) => recall),
      f1: classes.map(({ f1 }) => f1),
      support: classes.map(({ support }) => support),
    },
    macro: fields(macro),
    weighted: fields(weighted),
    micro: fields(micro),
    macro_f1: macro.f1,
    micro_f1: micro.f1,
    weighted_f1: weighted.f1,
  };
}

function correlationCase(inputs: Case): Json {
  const metric = regression();
  forEachPair(inputs, numbers, metric.update);
  const { spearmanr, ...rest } = metric.compute();
  return { ...rest, spearman: spearmanr, spearmanr };
}

function multiLabelCase(inputs: Case): Json {
  const rows = (value: Json | undefined, name: string) => list(value, name).map((row) => numbers(row, name));
  const metric = multiLabel({ labels: rows(inputs.references, "references")[0]?.length ?? 0 });
  forEachPair(inputs, rows, (p, r) => metric.update(Uint8Array.from(p), Uint8Array.from(r)));
  const { accuracy, hamming_loss, ...rest } = metric.compute();
  return { ...rest, accuracy, subset_accuracy: accuracy, hamming: hamming_loss, hamming_loss };
}

function fields({ precision, recall, f1 }: Scores): Json {
  return { precision, recall, f1 };
}

function forEachPair<T>(
  inputs: Case,
  read: (value: Json | undefined, name: string) => T[],
  add: (prediction: T, reference: T) => void,
): void {
  const predictions = read(inputs.predictions, "predictions");
  const references = read(inputs.references, "references");
  if (predictions.length !== references.length) {
    throw new RangeError(`${predictions.length} predictions, ${references.length} references`);
  }
  predictions.forEach((prediction, i) => {
    add(prediction, references[i]);
  });
}

function list(value: Json | undefined, name: string): Json[] {
  if (!Array.isArray(value)) throw new RangeError(`${name}: expected a list`);
  return value;
}

function numbers(value: Json | undefined, name: string): number[] {
  return list(value, name).map((item) => {
    if (typeof item !== "number") throw new RangeError(`${name}: expected numbers, got ${brief(item)}`);
    return item;
  });
}

function isObject(value: Json): value is Case {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function brief(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
