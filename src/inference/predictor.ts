/** A fine-tuned model as a function: text in, label or number out; streams of rows in constant memory. */
import type { TextClassification } from "../tasks/text-classification.ts";
import { Features } from "../tasks/features.ts";
import type { Row } from "../training/options.ts";
import { checkPredictionOptions } from "./check-options.ts";
import { type LoadedTask, loadTask } from "./load-task.ts";
import type { LabelScore, Prediction, PredictOptions, Predictor, PredictorOptions } from "./options.ts";

/** Rows that are sorted by length together: enough that batches are of one length, few enough to wait for. */
const WINDOW = 512;

/**
 * Loads a fine-tuned model from its folder (or by name). The predictor answers in the form of its task; call `dispose`
 * when it is no longer needed. Throws `InputError` where the folder is no such model.
 */
export async function loadPredictor(model: string, options: PredictorOptions = {}): Promise<Predictor> {
  const loaded = await loadTask(model, options);
  const { task } = loaded;
  const queue = new Queue();
  const score = (rows: readonly Row[], signal?: AbortSignal) =>
    queue.run(() => scoreRows(loaded, rows, signal ?? options.signal));
  const predict = async (text: string, textPair?: string, how: PredictOptions = {}): Promise<Prediction> => {
    checkPredictionOptions(how);
    const [logits] = await score([{ text, textPair }], how.signal);
    return decode(task, logits, how);
  };
  return Object.assign(predict, {
    task: "text-classification" as const,
    problemType: task.options.problemType,
    labels: task.options.labels,
    async *stream(rows: Iterable<Row> | AsyncIterable<Row>, how: PredictOptions = {}) {
      checkPredictionOptions(how);
      for await (const window of windows(rows)) {
        for (const logits of await score(window, how.signal)) yield decode(task, logits, how);
      }
    },
    async *logits(rows: Iterable<Row> | AsyncIterable<Row>) {
      for await (const window of windows(rows)) yield* await score(window);
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

async function scoreRows(
  { tokenizer, scorer, maxSeqLength, batchSize }: LoadedTask,
  rows: readonly Row[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const features = new Features(tokenizer.vocabSize);
  for (const { text, textPair } of rows) {
    const { inputIds, firstLength } = tokenizer.encodeIds(text, textPair, { maxLength: maxSeqLength });
    features.add(inputIds, firstLength);
  }
  const results: Float32Array[] = new Array(rows.length);
  const keep = (row: number, logits: Float32Array) => {
    results[row] = logits.slice();
  };
  await scorer.score(features, keep, { batchSize, signal });
  return results;
}

async function* windows(rows: Iterable<Row> | AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let window: Row[] = [];
  for await (const row of rows) {
    window.push(row);
    if (window.length < WINDOW) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
}

function decode(
  task: TextClassification,
  logits: Float32Array,
  { topK, threshold }: PredictOptions,
): Prediction {
  const { problemType, labels, threshold: own } = task.options;
  const scores = task.scores(logits);
  if (problemType === "regression") return { score: scores[0] };
  const ranked = Array.from(scores, (score, i): LabelScore => ({ label: labels[i], score })).sort(
    (a, b) => b.score - a.score,
  );
  if (problemType === "multi_label_classification") {
    return { labels: ranked.filter(({ score }) => score >= (threshold ?? own)) };
  }
  return topK === undefined ? ranked[0] : { top: ranked.slice(0, topK) };
}
