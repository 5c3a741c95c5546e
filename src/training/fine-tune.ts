/** Fine-tuning from end to end: pretrained weights and labelled text in, a model folder and its metrics out. */
import type { LoadedRuntime } from "../engine/runtime/runtimes.ts";
import { peakMemoryMb } from "../files/machine.ts";
import { checkOutput, prepareOutput } from "../files/output-folder.ts";
import { ScratchFiles } from "../files/scratch-files.ts";
import { openRuntime } from "../runtimes/open-runtime.ts";
import { checkOptions } from "./check-options.ts";
import { describeRun } from "./describe-run.ts";
import type { TrainingEvent } from "./events.ts";
import { type LoopResult, runLoop } from "./loop.ts";
import type { FineTuneOptions, FineTuneResult } from "./options.ts";
import { prepareRun, type Run } from "./prepare.ts";
import { finishedRun, type RunFile, writeRunFile } from "./run-file.ts";
import { outputOptions, saveModel } from "./save-model.ts";
import { openSources, type Sources } from "./setup.ts";

type Emit = (event: TrainingEvent) => void;

/**
 * Fine-tunes every parameter of a pretrained BERT and a new output layer on labelled text.
 *
 * Mistakes are found in the order of their cost: options, runtime, configuration, header of the weights, vocabulary,
 * data, then downloads and training. Throws `UsageError` for options, `InputError` for files and rows, and rejects with
 * `signal.reason` on an abort; then no model is written, and once steps have begun the folder has a `run.json` alone.
 */
export async function fineTune(options: FineTuneOptions): Promise<FineTuneResult> {
  const started = performance.now();
  const emit = options.onEvent ?? (() => {});
  checkOptions(options);
  if (options.output !== undefined) {
    await checkOutput(options.output, outputOptions(options.overwrite));
  }
  const scratch = new ScratchFiles();
  try {
    const runtime = await openRuntime(options);
    announce(runtime, emit);
    const sources = await openSources(options, scratch, emit);
    const outcome = await trainAndSave(options, sources, runtime, emit);
    return {
      output: options.output,
      task: options.task,
      metrics: outcome.metrics,
      seconds: (performance.now() - started) / 1000,
      tokensPerSecond: outcome.tokens / outcome.trainingSeconds,
      peakMemoryMb: peakMemoryMb(),
      plannedMemoryMb: Math.round(outcome.plannedBytes / 1e6),
    };
  } finally {
    scratch.close();
  }
}

function announce({ name, version, precision, fallbackReason }: LoadedRuntime, emit: Emit): void {
  emit({ type: "runtime", name, version, precision });
  if (fallbackReason === undefined) return;
  emit({ type: "warning", message: `${name} runs in place of the first choice: ${fallbackReason}` });
}

async function trainAndSave(
  options: FineTuneOptions,
  sources: Sources,
  runtime: LoadedRuntime,
  emit: Emit,
): Promise<LoopResult & { plannedBytes: number }> {
  try {
    const run = await prepareRun(options, sources, runtime, emit);
    try {
      const { output } = options;
      const record = output === undefined ? undefined : await begin(output, options, sources, runtime, run);
      const outcome = await runLoop(run).catch((error: unknown) => {
        throw run.explain(error);
      });
      if (output !== undefined) await save(options, output, sources, run, outcome);
      if (output !== undefined && record) await writeRunFile(output, finishedRun(record));
      return { ...outcome, plannedBytes: run.plannedBytes };
    } finally {
      run.step.dispose();
      run.validation?.scorer.dispose();
    }
  } finally {
    await sources.files.checkpoint.close();
  }
}

/** Makes the folder and says in it what is about to run. */
async function begin(
  output: string,
  options: FineTuneOptions,
  sources: Sources,
  runtime: LoadedRuntime,
  { resolved }: Run,
): Promise<RunFile> {
  const record = await describeRun(options, sources, runtime, resolved);
  await prepareOutput(output, outputOptions(options.overwrite));
  await writeRunFile(output, record);
  return record;
}

async function save(
  options: FineTuneOptions,
  output: string,
  { resolved, files, train, validation, maxSeqLength }: Sources,
  run: Run,
  { metrics, history, bestStep, steps, meanLoss }: LoopResult,
): Promise<void> {
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
      metric: run.validation?.metric ?? run.task.bestMetric,
      loss: meanLoss,
    },
  };
  await saveModel(output, input);
  run.emit({ type: "saved", folder: output });
}
