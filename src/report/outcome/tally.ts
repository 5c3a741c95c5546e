/** What counts the lines of predictions.jsonl, one after the other, in memory that does not grow with them. */
import type { ResultLine } from "../../results/lines.ts";
import type { Outcome } from "../report-data.ts";

/** What every line has; the task adds the row, what is right, and what was predicted. */
export type AnyLine = Pick<ResultLine, "file" | "line" | "loss">;

export interface Tally<L extends AnyLine> {
  add(line: L): void;
  finish(): Outcome;
}

/** Such as `dev.tsv:12`. */
export function placeOf({ file, line }: AnyLine): string {
  return `${file.split(/[\\/]/).at(-1)}:${line}`;
}
