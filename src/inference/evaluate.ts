/** A fine-tuned model's metrics on labelled rows. */
import { ScratchFiles } from "../files/scratch-files.ts";
import type { Dataset } from "../training/dataset.ts";
import { evaluateRows } from "../training/scorer.ts";
import { loadTask } from "./load-task.ts";
import type { EvaluateOptions, EvaluateResult } from "./options.ts";
import { PredictionFolder } from "./prediction-folder.ts";

/** Throws `InputError` for a model or data that cannot be used, such as a label that the model does not have. */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  const { positiveLabel, threshold, maxAnswerLength, nullScoreDiffThreshold, signal, onProgress } = options;
  const overrides = { positiveLabel, threshold, maxAnswerLength, nullScoreDiffThreshold };
  const loaded = await loadTask(options.model, options, overrides);
  const { application, task, tokenizer, windows, batchSize, scorer } = loaded;
  const overflow = new ScratchFiles();
  try {
    const folder =
      options.output === undefined ? undefined : await PredictionFolder.open(options.output, task, options);
    const reading = { ...options, ...windows, tokenizer, overflow, tags: options.dataTags };
    const data: Dataset = await application.read(options.data, reading, task);
    const started = performance.now();
    const evaluation = await evaluateRows(folder?.collecting(task) ?? task, scorer, data, {
      batchSize,
      signal,
      onProgress: (done, total) => onProgress?.({ done, total }),
    });
    await folder?.write();
    const seconds = (performance.now() - started) / 1000;
    const { examples, notes } = data;
    return {
      task: application.tag,
      examples,
      notes,
      metrics: evaluation.compute(),
      ...evaluation.details?.(),
      seconds,
      examplesPerSecond: examples / seconds,
    };
  } finally {
    overflow.close();
    scorer.dispose();
  }
}
