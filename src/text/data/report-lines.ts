/** Parts of a report for people that all tasks share. Lines of a split are indented, so that its name stands out. */
import type { LineSample } from "./findings.ts";
import type { LabelCount } from "./labels.ts";
import type { LengthReport } from "./lengths.ts";
import { oneLine } from "./show.ts";

export const LABELS_SHOWN = 30;

/** How the file was read; nothing for rows in memory. */
export function layoutLines({ layout }: { layout?: string }): string[] {
  return layout === undefined ? [] : [`  read as ${layout}`];
}

/** A line a label: its name, its count, its share of `all`. */
export function labelLines(
  labels: readonly LabelCount[],
  all: number,
  indent = "  ",
  noun = "label",
): string[] {
  const shown = labels.slice(0, LABELS_SHOWN).map(({ label, count }) => ({ label: oneLine(label), count }));
  const nameWidth = Math.max(0, ...shown.map(({ label }) => label.length));
  const countWidth = Math.max(0, ...shown.map(({ count }) => whole(count).length));
  const lines = shown.map(
    ({ label, count }) =>
      `${indent}${label.padEnd(nameWidth)}  ${whole(count).padStart(countWidth)}  ${percent(count / all)}`,
  );
  if (labels.length > shown.length)
    lines.push(`${indent}… ${plural(labels.length - shown.length, `more ${noun}`)}`);
  return lines;
}

/** `  tokens  median 9, 95 % up to 30, 99 % up to 40, longest 52`, a line each; nothing for what was not measured. */
export function lengthLines(all: Readonly<Record<string, LengthReport | undefined>>): string[] {
  const known = Object.entries(all).flatMap(([what, lengths]) => (lengths ? [{ what, lengths }] : []));
  const width = Math.max(0, ...known.map(({ what }) => what.length));
  return known.map(({ what, lengths: { median, p95, p99, max } }) => {
    const parts = [`median ${whole(median)}`, `95 % up to ${whole(p95)}`, `99 % up to ${whole(p99)}`];
    return `  ${what.padEnd(width)}  ${parts.join(", ")}, longest ${whole(max)}`;
  });
}

/** `lines 12 = 3, 40 = 8, …`: a row and the one that it repeats. */
export function lineList({ rows, examples }: LineSample, unit = "line"): string {
  const listed = examples.map(({ line, first }) => (first === undefined ? `${line}` : `${line} = ${first}`));
  return `${rows === 1 ? unit : `${unit}s`} ${listed.join(", ")}${rows > examples.length ? ", …" : ""}`;
}

/** The first few of `count` problems, a line each, and how many more there are. */
export function problemLines(count: number, first: readonly string[]): string[] {
  const lines = first.map((problem) => `  ${problem}`);
  return count > first.length ? [...lines, `  … ${whole(count - first.length)} more`] : lines;
}

export function plural(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** ", 2 of them with another label (lines 3, 8)": of `all` that were counted before; nothing where there are none. */
export function amongThem(all: number, { rows, examples }: LineSample, what: string, unit?: string): string {
  if (rows === 0) return "";
  return `, ${all === 1 ? "" : `${whole(rows)} of them `}with ${what} (${lineList({ rows, examples }, unit)})`;
}

/** "it" or "them". */
export function them(count: number): string {
  return count === 1 ? "it" : "them";
}

export function whole(count: number): string {
  return count.toLocaleString("en");
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Four significant digits. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
