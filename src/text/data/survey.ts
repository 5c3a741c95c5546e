/** One pass over the labelled texts of a file: counts, hashes and moments, no texts. */
import type { Example } from "./example.ts";
import { Findings } from "./findings.ts";
import { compareCodePoints } from "./labels.ts";
import { Lengths } from "./lengths.ts";
import type { SurveyData } from "./survey-data.ts";
import { hashText, type TextTable } from "./text-table.ts";

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
  layout: string | undefined;
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
  /** In tokens. */
  lengths: Lengths;
}

/** Reads the examples once. `own` takes their texts; `train` holds those of the training data. */
export async function survey(
  { name, layout, examples }: SurveyData<Example>,
  { kind, lengthOf }: SurveyOptions,
  own: TextTable,
  train?: TextTable,
): Promise<SplitState> {
  const state = emptyState(name, layout);
  for await (const example of examples) {
    const { line } = example;
    // No tokenizer sees the space around a text, so texts that differ in it alone are the same.
    const [text, textPair] = [example.text.trim(), example.textPair?.trim()];
    state.rows++;
    if (text === "" || textPair === "") state.empty.add(line);
    if (lengthOf !== undefined) state.lengths.add(lengthOf(example));
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

function emptyState(name: string, layout: string | undefined): SplitState {
  return {
    name,
    layout,
    rows: 0,
    labelled: 0,
    empty: new Findings(),
    duplicates: new Findings(),
    conflicts: new Findings(),
    inTrain: new Findings(),
    labels: new Map(),
    answers: new Map(),
    moments: new Moments(),
    lengths: new Lengths(),
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
