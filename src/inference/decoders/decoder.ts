/** What a predictor needs to know of a task: a row to windows, and the windows' logits to a prediction. */

import type { ProblemType, Row, TaskTag } from "../../training/options.ts";
import { InputError } from "../../util/errors.ts";
import type { PredictionOf, PredictOptions } from "../options.ts";

/** A window of a row: ids with `[CLS]` and `[SEP]`, and how many of them are of segment 0. */
export interface Window {
  readonly inputIds: ArrayLike<number>;
  readonly firstLength: number;
}

export interface EncodedRow<T extends TaskTag> {
  readonly windows: readonly Window[];
  /** From the logits of each window, in order. */
  decode(logits: readonly Float32Array[], options: PredictOptions): PredictionOf[T];
}

export interface Decoder<T extends TaskTag> {
  /** In the order of the logits; empty where what is predicted has no name. */
  readonly labels: readonly string[];
  /** Text classification only. */
  readonly problemType?: ProblemType;
  /** A row from the arguments of a call. */
  row(text: string, textPair?: string): Row;
  encode(row: Row): EncodedRow<T>;
}

/** The field of a row, which must be a string. */
export function textField(row: Row, name: string): string {
  const value = (row as unknown as Record<string, unknown>)[name];
  if (typeof value === "string") return value;
  throw new InputError(`a row to predict has no ${name}: it is ${JSON.stringify(row)?.slice(0, 100)}.`);
}
