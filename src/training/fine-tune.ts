/** Fine-tuning from end to end: pretrained weights and labelled text in, a model folder and its metrics out. */
import type { Precision } from "../engine/runtime/session.ts";
import { lockFolder } from "../files/folder-lock.ts";
import { peakMemoryMb } from "../files/machine.ts";
import { prepareOutput } from "../files/output-folder.ts";
import { checkOptions } from "./check-options.ts";
import { type Beginning, findBeginning, resumedRecord } from "./checkpoints/beginning.ts";
import { groundOf } from "./checkpoints/drift.ts";
import { keepRun } from "./checkpoints/kept-run.ts";
import { describeRun } from "./describe-run.ts";
import { type LoopOptions, type LoopResult, runLoop } from "./loop.ts";
import type { FineTuneOptions, FineTuneResult } from "./options.ts";
import { finishedRun, writeRunFile } from "./run-file.ts";
import { cutBack, RunRecorder } from "./run-folder/recorder.ts";
import type { RunHooks } from "./run-hooks.ts";
import { outputOptions, saveModel } from "./save-model.ts";
import { type OpenedRun, withRun } from "./with-run.ts";

/**
 * Fine-tunes every parameter of a pretrained BERT and a new output layer on labelled text.
 *
 * Throws `UsageError` for options, `InputError` for files and rows, before any training, and rejects with
 * `signal.reason` on an abort; then no model is written, and of the steps that were done the folder has a checkpoint, from
 * which `resume` goes on.
 */
export async function fineTune(options: FineTuneOptions, hooks: RunHooks = {}): Promise<FineTuneResult> {
  const started = performance.now();
  checkOptions(options);
  const beginning = await findBeginning(options, options.onEvent ?? (() => {}));
  if (beginning.result) return beginning.result;
  const { output } = options;
  // What is there of the run goes on, or is replaced by its end.
  const setting = { ...options, overwrite: options.overwrite || beginning.continues };
  const train = async (opened: OpenedRun) => {
    const outcome = await (output === undefined
      ? runLoop(opened.run)
      : trainInFolder(output, setting, opened, { beginning, hooks }));
    return {
      output,
      task: options.task,
      metrics: outcome.metrics,
      metric: opened.run.validation?.metric,
      kept: keptEvaluation(opened.run, outcome),
      seconds: (performance.now() - started) / 1000,
      tokensPerSecond: outcome.tokens / outcome.trainingSeconds,
      peakMemoryMb: peakMemoryMb(),
      plannedMemoryMb: Math.round(opened.run.memory.total / 1e6),
      resumedFromStep: beginning.found?.state.step,
    };
  };
  return withRun(setting, train, beginning.found?.ground.versions.precision as Precision | undefined);
}

function keptEvaluation(
  { validation }: LoopOptions,
  { bestStep, bestEpoch }: LoopResult,
): FineTuneResult["kept"] {
  return validation && { step: bestStep, epoch: bestEpoch, baseline: validation.baseline };
}

interface FolderRun {
  readonly beginning: Beginning;
  readonly hooks: RunHooks;
}

/** Says in the folder what runs, trains with record and checkpoints there, and leaves the model. */
async function trainInFolder(
  output: string,
  options: FineTuneOptions,
  opened: OpenedRun,
  { beginning, hooks }: FolderRun,
): Promise<LoopResult> {
  const { run, sources, runtime } = opened;
  const begun = await describeRun(options, sources, runtime, run);
  const record = await resumedRecord(begun, beginning, options);
  await prepareOutput(output, outputOptions(options.overwrite));
  const unlock = await lockFolder(output);
  try {
    await writeRunFile(output, record);
    const kept = await keepRun(output, { options, run, found: beginning.found, ground: groundOf(record) });
    const loop = { ...run, ...kept.loop };
    const outcome = await recordedLoop(output, { options, loop, beginning, hooks }).finally(() =>
      kept.settle(),
    );
    run.emit({ type: "saving", step: outcome.steps });
    await exportModel(options, output, opened, outcome);
    await hooks.kept?.({ folder: output, options, sources, run, metrics: outcome.metrics });
    await writeRunFile(output, finishedRun(record));
    await kept.finish();
    return outcome;
  } finally {
    try {
      await hooks.ended?.(output);
    } finally {
      await unlock();
    }
  }
}

/** Goes on with the record of the run that goes on. */
async function recordedLoop(
  folder: string,
  { options, loop, beginning, hooks }: FolderRun & { options: FineTuneOptions; loop: LoopOptions },
): Promise<LoopResult> {
  const { continues, found } = beginning;
  const kept = continues && found ? await cutBack(folder, found.state.step, found.state) : undefined;
  const recorder = await RunRecorder.open(folder, { kept, tensorBoard: options.reportTo === "tensorboard" });
  try {
    return await runLoop({
      ...loop,
      emit: (event) => {
        recorder.note(event);
        loop.emit(event);
      },
      afterEvaluation: async () => {
        await recorder.flush();
        await hooks.evaluated?.(folder);
      },
    });
  } finally {
    recorder.close();
  }
}

/** Writes the store's weights to the folder `output`, as the model of a run that came to `outcome`. */
export async function exportModel(
  options: FineTuneOptions,
  output: string,
  { run, sources, runtime }: OpenedRun,
  outcome: Pick<LoopResult, "metrics" | "history" | "bestStep" | "steps" | "meanLoss">,
): Promise<void> {
  const { metrics, history, bestStep, steps, meanLoss } = outcome;
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
