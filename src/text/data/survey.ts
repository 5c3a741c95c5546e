/** One pass over the examples of a file: counts, hashes and moments, no texts. */
import type { Example } from "./example.ts";
import { compareCodePoints } from "./labels.ts";
import { hashText, type TextTable } from "./text-table.ts";

/** A count and its first lines, each with that of the row it repeats where there is one. */
export interface LineSample {
  rows: number;
  examples: { line: number; first?: number }[];
}

/** Lines kept of each kind of finding. */
const LINES_KEPT = 5;

class Findings {
  readonly report: LineSample = { rows: 0, examples: [] };

  add(line: number, first?: number): void {
    this.report.rows++;
    if (this.report.examples.length < LINES_KEPT)
      this.report.examples.push(first === undefined ? { line } : { line, first });
  }
}

export interface Answer {
  count: number;
  label: string | string[];
}

export interface SurveyOptions {
  kind: "class" | "number" | "multi";
  lengthOf?: (example: Example) => number;
}

/** What one file has shown so far. */
export interface SplitState {
  name: string;
  rows: number;
  /** Rows that have a label. */
  labelled: number;
  empty: Findings;
  duplicates: Findings;
  conflicts: Findings;
  inTrain: Findings;
  labels: Map<string, { count: number; line: number }>;
  /** Labels as whole rows have them, keys of the baseline. */
  answers: Map<string, Answer>;
  moments: Moments;
  /** Tokens to rows. */
  lengths: Map<number, number>;
}

/** Reads the examples once. `own` takes their texts; `train` holds those of the training data. */
export async function survey(
  name: string,
  examples: AsyncIterable<Example>,
  { kind, lengthOf }: SurveyOptions,
  own: TextTable,
  train?: TextTable,
): Promise<SplitState> {
  const state = emptyState(name);
  for await (const example of examples) {
    const { line } = example;
    // No tokenizer sees the space around a text, so texts that differ in it alone are the same.
    const [text, textPair] = [example.text.trim(), example.textPair?.trim()];
    state.rows++;
    if (text === "" || textPair === "") state.empty.add(line);
    if (lengthOf !== undefined) increment(state.lengths, lengthOf(example));
    const label = addLabel(state, example, kind);
    const first = own.findOrAdd(text, textPair, line, label);
    if (first !== undefined) {
      state.duplicates.add(line, first.line);
      if (first.label !== label) state.conflicts.add(line, first.line);
    }
    const inTrain = train?.find(text, textPair);
    if (inTrain !== undefined) state.inTrain.add(line, inTrain.line);
  }
  return state;
}

function emptyState(name: string): SplitState {
  return {
    name,
    rows: 0,
    labelled: 0,
    empty: new Findings(),
    duplicates: new Findings(),
    conflicts: new Findings(),
    inTrain: new Findings(),
    labels: new Map(),
    answers: new Map(),
    moments: new Moments(),
    lengths: new Map(),
  };
}

/** Counts a row's label and returns its hash; 0 for a row without one. */
function addLabel(state: SplitState, { label, line }: Example, kind: SurveyOptions["kind"]): number {
  if (label === undefined) return 0;
  state.labelled++;
  if (kind === "number") {
    const value = Number(label);
    state.moments.add(value);
    return hashText(String(value));
  }
  const several = Array.isArray(label) ? [...label].sort(compareCodePoints) : [label];
  for (const one of several) {
    const entry = state.labels.get(one);
    if (entry === undefined) state.labels.set(one, { count: 1, line });
    else entry.count++;
  }
  const key = several.join("\0");
  const answer = state.answers.get(key);
  if (answer === undefined)
    state.answers.set(key, { count: 1, label: Array.isArray(label) ? several : label });
  else answer.count++;
  return hashText(key);
}

/** Mean and spread in one pass (Welford 1962). */
class Moments {
  count = 0;
  mean = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  #squares = 0;

  add(value: number): void {
    this.count++;
    const delta = value - this.mean;
    this.mean += delta / this.count;
    this.#squares += delta * (value - this.mean);
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
  }

  get variance(): number {
    return this.#squares / this.count;
  }
}

function increment(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
