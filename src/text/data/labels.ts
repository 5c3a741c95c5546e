/** The set of labels of a data set: collected in any order, sorted as Python sorts strings, checked for slips. */
import { InputError, nearMiss } from "../../util/errors.ts";
import { show, showList } from "./show.ts";

export interface LabelSet {
  /** Sorted by code point. */
  readonly labels: readonly string[];
  /** Rows that have it, in the order of `labels`. */
  readonly counts: readonly number[];
  /** From the number that `LabelCollector.add` gave to the position in `labels`. */
  readonly order: Int32Array;
}

export interface LabelRules {
  /** How messages call the data, usually the file's name. */
  name: string;
  /** Several labels at once: then a single label is a problem too, for each row has it or not. */
  multi?: boolean;
  /** Accepts labels that differ only in case or white space. */
  allowSimilarLabels?: boolean;
}

/** Numbers labels as they come, so that one pass over the data is enough. */
export class LabelCollector {
  readonly #ids = new Map<string, number>();
  readonly #counts: number[] = [];
  readonly #firstLines: number[] = [];

  /** Counts a label and returns its number in the order of first sight. `line` is where it stands. */
  add(label: string, line: number): number {
    let id = this.#ids.get(label);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(label, id);
      this.#counts.push(0);
      this.#firstLines.push(line);
    }
    this.#counts[id]++;
    return id;
  }

  /** The sorted set. Throws `InputError` for a single label and for labels that differ only in case or white space. */
  finish(rules: LabelRules): LabelSet {
    const labels = [...this.#ids.keys()].sort(compareCodePoints);
    const idOf = (label: string) => this.#ids.get(label) as number;
    const order = new Int32Array(labels.length);
    for (const [position, label] of labels.entries()) order[idOf(label)] = position;
    const counts = labels.map((label) => this.#counts[idOf(label)]);
    checkSeveral(labels, rules);
    const [similar] = rules.allowSimilarLabels
      ? []
      : similarLabels(labels.map((label, i) => ({ label, count: counts[i] })));
    if (similar !== undefined)
      throw similarError(rules.name, similar, this.#firstLines[idOf(similar[1].label)]);
    return { labels, counts, order };
  }
}

export interface LabelCount {
  label: string;
  count: number;
}

/** Most frequent first, equal ones as Python sorts strings. */
export function labelCounts(labels: ReadonlyMap<string, { count: number }>): LabelCount[] {
  return [...labels]
    .map(([label, { count }]) => ({ label, count }))
    .sort((a, b) => b.count - a.count || compareCodePoints(a.label, b.label));
}

/** Python's order of strings: by code point, where JavaScript's own is by UTF-16 unit. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    // Surrogates stand for code points above all other units, though their own numbers are lower than some.
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Groups of labels that are one but for case and white space, each from the most frequent to the least. */
export function similarLabels(counts: readonly LabelCount[]): LabelCount[][] {
  const groups = new Map<string, LabelCount[]>();
  for (const entry of counts) {
    const key = entry.label.toLowerCase().replace(/\s+/g, " ").trim();
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.sort((a, b) => b.count - a.count));
}

/** `Labels "Billing" (412) and "billing" (9) differ only in case`: one line about one group of `similarLabels`. */
export function describeSimilar(group: readonly LabelCount[]): string {
  const listed = group.map(({ label, count }) => `${show(label)} (${count.toLocaleString("en")})`);
  const last = listed.pop();
  return `Labels ${listed.join(", ")} and ${last} differ only in ${difference(group.map(({ label }) => label))}`;
}

function difference(labels: readonly string[]): string {
  if (new Set(labels.map((label) => label.toLowerCase())).size === 1) return "case";
  if (new Set(labels.map((label) => label.replace(/\s+/g, " "))).size === 1) return "white space";
  return "case and white space";
}

function similarError(name: string, group: LabelCount[], line: number): InputError {
  const rare = group[1].label;
  return new InputError(
    `${describeSimilar(group)}.\nMake them one in ${name} (${show(rare)} is first in line ${line}), or add --allow-similar-labels.`,
  );
}

function checkSeveral(labels: readonly string[], { name, multi }: LabelRules): void {
  if (labels.length === 0)
    throw new InputError(`${name}: no row has a label.\nName the label column with --label-column.`);
  if (labels.length > 1 || multi) return;
  throw new InputError(
    `${name}: every row has the label ${show(labels[0])}; a classifier needs at least two.\nIs this the right --label-column? For numbers add --problem-type regression.`,
  );
}

const LABELS_LISTED = 10;

/** The error for a label of another file that training does not have: it names label, file, line and what is known. */
export function unknownLabel(
  label: string,
  where: { name: string; line: number },
  known: readonly string[],
): InputError {
  const near = nearMiss(label, known);
  const advice =
    near === undefined ? "Correct the row, or train on rows with this label." : `Did you mean ${show(near)}?`;
  return new InputError(
    `${where.name}:${where.line}: label ${show(label)} is not in the training data, which has ${showList(known, LABELS_LISTED)}.\n${advice}`,
  );
}

/** Whether labels that nothing is said about are scores: all are numbers, and not all of them whole. */
export function lookLikeScores(labels: Iterable<string>): boolean {
  let fraction = false;
  for (const label of labels) {
    const value = Number(label);
    if (label === "" || !Number.isFinite(value)) return false;
    fraction ||= !Number.isInteger(value);
  }
  return fraction;
}
