/** A fine-tuned model as a function: text in, prediction out; streams of rows in constant memory. */
import { Features } from "../tasks/features.ts";
import { checkTaskOptions } from "../training/check-options.ts";
import type { TaskTag } from "../training/options.ts";
import { workAhead } from "../util/ahead.ts";
import { checkPredictionOptions } from "./check-options.ts";
import type { Decoder, EncodedRow } from "./decoders/decoder.ts";
import { decoderOf } from "./decoders/decoder-of.ts";
import { encodedStretches, type Rows } from "./encoded-stretches.ts";
import { type LoadedTask, loadTask } from "./load-task.ts";
import type { PredictionOf, PredictOptions, Predictor, PredictorOptions } from "./options.ts";

/**
 * Loads a fine-tuned model from its folder (or by name). The predictor answers in the form of its task, which
 * `task` makes sure of; call `dispose` when it is no longer needed. Throws `InputError` where the folder is no such
 * model.
 */
export async function loadPredictor<T extends TaskTag = TaskTag>(
  model: string,
  options: PredictorOptions & { task?: T } = {},
): Promise<Predictor<T>> {
  const { maxAnswerLength, nullScoreDiffThreshold } = options;
  const loaded = await loadTask(model, options, { maxAnswerLength, nullScoreDiffThreshold });
  const decoder = decoderOf(loaded.task, loaded.tokenizer, loaded.windows) as Decoder<T>;
  const queue = new Queue();
  const score = (rows: readonly EncodedRow<T>[], signal = options.signal) =>
    queue.run(() => scoreRows(loaded, rows, signal));
  const scored = (rows: Rows, signal = options.signal) =>
    workAhead(encodedStretches(rows, decoder), async (stretch, leaving) => {
      const logits = await score(stretch, signal ? AbortSignal.any([signal, leaving]) : leaving);
      return stretch.map((row, i) => ({ row, logits: logits[i] }));
    });
  const check = (how: PredictOptions) => {
    checkPredictionOptions(how);
    checkTaskOptions(loaded.application.tag, how);
  };
  const predict = async (
    text: string,
    textPair?: string,
    how: PredictOptions = {},
  ): Promise<PredictionOf[T]> => {
    check(how);
    const encoded = decoder.encode(decoder.row(text, textPair));
    const [logits] = await score([encoded], how.signal);
    return encoded.decode(logits, how);
  };
  return Object.assign(predict, {
    task: loaded.application.tag as T,
    problemType: decoder.problemType,
    labels: decoder.labels,
    async *stream(rows: Rows, how: PredictOptions = {}) {
      check(how);
      for await (const stretch of scored(rows, how.signal)) {
        for (const { row, logits } of stretch) yield row.decode(logits, how);
      }
    },
    async *logits(rows: Rows) {
      for await (const stretch of scored(rows)) yield* stretch.flatMap(({ logits }) => logits);
    },
    dispose: () => loaded.scorer.dispose(),
  });
}

/** Runs calls one after the other: a session has one run at a time. */
class Queue {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(call: () => Promise<T>): Promise<T> {
    const next = this.#last.then(call, call);
    this.#last = next.catch(() => {});
    return next;
  }
}

/** Logits of each row's windows. */
async function scoreRows(
  { tokenizer, scorer, batchSize }: LoadedTask,
  rows: readonly EncodedRow<TaskTag>[],
  signal?: AbortSignal,
): Promise<Float32Array[][]> {
  const features = new Features(tokenizer.vocabSize);
  for (const { windows } of rows) {
    for (const { inputIds, firstLength } of windows) features.add(inputIds, firstLength);
  }
  const results: Float32Array[] = new Array(features.rows);
  const keep = (row: number, logits: Float32Array) => {
    results[row] = logits.slice();
  };
  await scorer.score(features, keep, { batchSize, signal });
  let start = 0;
  return rows.map(({ windows }) => {
    const first = start;
    start += windows.length;
    return results.slice(first, start);
  });
}
