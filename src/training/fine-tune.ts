/** Fine-tuning from end to end: pretrained weights and labelled text in, a model folder and its metrics out. */
import { peakMemoryMb } from "../files/machine.ts";
import { prepareOutput } from "../files/output-folder.ts";
import { describeRun } from "./describe-run.ts";
import { type LoopResult, runLoop } from "./loop.ts";
import type { FineTuneOptions, FineTuneResult } from "./options.ts";
import { finishedRun, type RunFile, writeRunFile } from "./run-file.ts";
import { outputOptions, saveModel } from "./save-model.ts";
import { type OpenedRun, withRun } from "./with-run.ts";

/**
 * Fine-tunes every parameter of a pretrained BERT and a new output layer on labelled text.
 *
 * Throws `UsageError` for options, `InputError` for files and rows, before any training, and rejects with
 * `signal.reason` on an abort; then no model is written, and once steps have begun the folder has a `run.json` alone.
 */
export async function fineTune(options: FineTuneOptions): Promise<FineTuneResult> {
  const started = performance.now();
  const { output } = options;
  return withRun(options, async (opened) => {
    const record = output === undefined ? undefined : await begin(output, options, opened);
    const outcome = await runLoop(opened.run);
    if (output !== undefined) await save(options, output, opened, outcome);
    if (output !== undefined && record) await writeRunFile(output, finishedRun(record));
    return {
      output,
      task: options.task,
      metrics: outcome.metrics,
      seconds: (performance.now() - started) / 1000,
      tokensPerSecond: outcome.tokens / outcome.trainingSeconds,
      peakMemoryMb: peakMemoryMb(),
      plannedMemoryMb: Math.round(opened.run.memory.total / 1e6),
    };
  });
}

/** Makes the folder and says in it what is about to run. */
async function begin(
  output: string,
  options: FineTuneOptions,
  { run, sources, runtime }: OpenedRun,
): Promise<RunFile> {
  const record = await describeRun(options, sources, runtime, run.resolved);
  await prepareOutput(output, outputOptions(options.overwrite));
  await writeRunFile(output, record);
  return record;
}

async function save(
  options: FineTuneOptions,
  output: string,
  { run, sources, runtime }: OpenedRun,
  { metrics, history, bestStep, steps, meanLoss }: LoopResult,
): Promise<void> {
  const { resolved, files, train, validation, maxSeqLength } = sources;
  const { docStride, docStep, maxQuestionLength } = options;
  const input = {
    json: files.json,
    task: run.task,
    tokenizer: files.tokenizer,
    store: run.store,
    windows: { maxSeqLength, docStride, docStep, maxQuestionLength },
    history,
    bestStep,
    baseModel: resolved.name,
    tag: run.task.tag,
    labels: train.labels,
    architecture: run.task.architecture,
    trainRows: train.examples,
    validationRows: validation?.examples ?? 0,
    metrics,
    options: {
      epochs: (run.epochs * steps) / run.totalSteps,
      totalSteps: steps,
      batchSize: run.batchSize * run.accumulation,
      learningRate: run.learningRate,
      warmupSteps: run.warmupSteps,
      lrSchedulerType: run.lrSchedulerType,
      weightDecay: run.weightDecay,
      seed: run.seed,
      runtime: `${runtime.name} ${runtime.version}`,
      precision: runtime.precision,
      metric: run.validation?.metric ?? run.task.bestMetric,
      loss: meanLoss,
    },
  };
  await saveModel(output, input);
  run.emit({ type: "saved", folder: output });
}
