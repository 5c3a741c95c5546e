/** What counts the lines of predictions.jsonl, one after the other, in memory that does not grow with them. */
import type { Outcome } from "../report-data.ts";

/** What every line has; the task adds the row, what is right, and what was predicted. */
export interface AnyLine {
  file?: string;
  line?: number;
  loss?: number;
}

export interface Tally<L extends AnyLine> {
  add(line: L): void;
  finish(): Outcome;
}

/** Such as `dev.tsv:12`. */
export function placeOf({ file, line }: AnyLine): string {
  const name = file?.split(/[\\/]/).at(-1) ?? "row";
  return line === undefined ? name : `${name}:${line}`;
}
