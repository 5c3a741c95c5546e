/** A fine-tuned model's metrics on labelled rows. */
import { readDataset } from "../training/dataset.ts";
import { evaluateRows } from "../training/scorer.ts";
import { loadTask } from "./load-task.ts";
import type { EvaluateOptions, EvaluateResult } from "./options.ts";

/** Throws `InputError` for a model or data that cannot be used, such as a label that the model does not have. */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  const { positiveLabel, threshold, signal, onProgress } = options;
  const loaded = await loadTask(options.model, options, { positiveLabel, threshold });
  const { task, tokenizer, maxSeqLength, batchSize, scorer } = loaded;
  try {
    const { problemType, labels } = task.options;
    const known = { problemType, labels };
    const data = await readDataset(options.data, { ...options, tokenizer, maxSeqLength, known });
    const started = performance.now();
    const metrics = await evaluateRows(task, scorer, data, {
      batchSize,
      signal,
      onProgress: (done, total) => onProgress?.({ done, total }),
    });
    const seconds = (performance.now() - started) / 1000;
    const examples = data.features.rows;
    return { task: "text-classification", examples, metrics, seconds, examplesPerSecond: examples / seconds };
  } finally {
    scorer.dispose();
  }
}
