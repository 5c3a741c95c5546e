/** errors.csv: rows that the model has wrong, those with the highest loss first: it was surest of them. */

import type { TaskTag } from "../training/options.ts";
import { csvLine } from "../util/csv.ts";
import type { LineKind } from "./line-kind.ts";
import type { ResultLine } from "./lines.ts";

/** Rows of the file: more nobody reads, and all are in predictions.jsonl. */
export const MOST_ERRORS = 2000;

/** Keeps the worst rows of a stream, at most so many. */
export class ErrorTable {
  readonly #most: number;
  readonly #kind: LineKind<TaskTag>;
  /** At most twice as many as are wanted; the surplus goes when it is reached. */
  #lines: ResultLine[] = [];

  constructor(kind: LineKind<TaskTag>, most = MOST_ERRORS) {
    this.#kind = kind;
    this.#most = most;
  }

  /** Numbers are neither right nor wrong: all of them count. */
  add(line: ResultLine): void {
    if (line.correct) return;
    this.#lines.push(line);
    if (this.#lines.length >= 2 * this.#most) this.#lines = this.#worst();
  }

  /** The file's text; empty where nothing is wrong. */
  text(): string {
    const lines = this.#worst();
    if (lines.length === 0) return "";
    const cells = lines.map((line) => ({ line, ...this.#kind.cells(line) }));
    const columns = [...new Set(cells.flatMap(({ row }) => Object.keys(row)))];
    const header = ["file", "line", ...columns, "gold", "predicted", "score", "loss"];
    const rows = cells.map(({ line: { file, line, loss }, row, gold, predicted, score }) => [
      ...[file, line, ...columns.map((name) => row[name])],
      ...[gold, predicted, score, loss],
    ]);
    return [header, ...rows].map(csvLine).join("");
  }

  /** Sorted; of equal losses the earlier row first. */
  #worst(): ResultLine[] {
    return [...this.#lines].sort((a, b) => lossOf(b) - lossOf(a)).slice(0, this.#most);
  }
}

function lossOf({ loss }: ResultLine): number {
  return loss ?? Number.NEGATIVE_INFINITY;
}
