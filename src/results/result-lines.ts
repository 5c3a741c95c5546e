/** Validation rows with their logits to the lines of predictions.jsonl, one after the other. */
import type { Decoder } from "../inference/decoders/decoder.ts";
import type { Features } from "../tasks/features.ts";
import type { Task } from "../tasks/task.ts";
import type { Dataset } from "../training/dataset.ts";
import type { TaskTag } from "../training/options.ts";
import { InputError } from "../util/errors.ts";
import type { LineKind } from "./line-kind.ts";
import type { Fields, ResultLine } from "./lines.ts";
import type { PlacedRow } from "./validation-rows.ts";

export interface ResultSource {
  readonly task: Task;
  readonly decoder: Decoder<TaskTag>;
  readonly kind: LineKind<TaskTag>;
  readonly data: Dataset;
  readonly rows: AsyncIterable<PlacedRow>;
  /** Of a window, by its number among the features. */
  readonly logits: (window: number) => Float32Array;
  /** What an answer that ignores the text says of a window of so many tokens. */
  readonly trivial: (length: number) => Float32Array;
}

export interface Result {
  readonly line: ResultLine;
  /** The same for the answer that ignores the text. */
  readonly baseline: Fields;
}

/** Throws `InputError` where the rows are not those that were trained with. */
export async function* resultLines(source: ResultSource): AsyncGenerator<Result> {
  const { task, decoder, kind, data, rows } = source;
  const { features } = data;
  let window = 0;
  let example = 0;
  for await (const { row, ...place } of rows) {
    const { windows, decode } = decoder.encode(row);
    const numbers = windows.map((_, i) => window + i);
    if (!numbers.every((number, i) => isSame(features, number, windows[i].inputIds)))
      throw changed(place.file);
    const logits = numbers.map((number) => source.logits(number));
    const trivial = numbers.map((number) => source.trivial(features.length(number)));
    const fieldsOf = (scores: readonly Float32Array[]) =>
      kind.fields(row, decode(scores, kind.predict), data, example);
    const loss = lossOf(task, features, numbers, logits);
    yield { line: { ...place, ...fieldsOf(logits), loss }, baseline: fieldsOf(trivial) };
    window += windows.length;
    example++;
  }
  if (window !== features.rows || example !== data.examples) throw changed(data.name);
}

function isSame(features: Features, window: number, ids: ArrayLike<number>): boolean {
  return window < features.rows && features.length(window) === ids.length;
}

function changed(file: string): InputError {
  return new InputError(`${file}: the rows changed while the model was trained.`);
}

/** The mean over all that is supervised in the row's windows. */
function lossOf(
  task: Task,
  features: Features,
  windows: readonly number[],
  logits: readonly Float32Array[],
): number | null {
  const losses = windows.map((window, i) => task.rowLoss(features, window, logits[i]));
  const count = losses.reduce((total, loss) => total + loss.count, 0);
  if (count === 0) return null;
  return losses.reduce((total, loss) => total + loss.sum, 0) / count;
}
