/** Graphs, memory, weights and sessions of a run, ready for the loop. */
import { loweringOf } from "../engine/onnx/lowering.ts";
import type { LoadedRuntime } from "../engine/runtime/runtimes.ts";
import { checkOutput } from "../files/output-folder.ts";
import type { EncoderOptions } from "../model/bert.ts";
import type { BertConfig } from "../model/config.ts";
import type { ParameterSpec } from "../model/parameters.ts";
import { UsageError } from "../util/errors.ts";
import { trivialMetrics } from "./baseline.ts";
import { largestSizes, type Sizes } from "./batch.ts";
import type { TrainingEvent } from "./events.ts";
import { type Hyperparameters, hyperparameters } from "./hyperparameters.ts";
import { loadWeights, planWeights } from "./load-weights.ts";
import type { LoopOptions } from "./loop.ts";
import { activationBytes, checkMemory, chooseRecompute } from "./memory.ts";
import type { FineTuneOptions } from "./options.ts";
import { ParameterStore } from "./parameter-store.ts";
import { evaluationProgram, type Program, trainingProgram } from "./program.ts";
import { OUTPUT_FILES } from "./save-model.ts";
import { Scorer } from "./scorer.ts";
import type { Sources } from "./setup.ts";
import { TrainingStep } from "./training-step.ts";

export interface Run extends LoopOptions {
  epochs: number;
}

type Emit = (event: TrainingEvent) => void;

export async function prepareRun(
  options: FineTuneOptions,
  sources: Sources,
  runtime: LoadedRuntime,
  emit: Emit,
): Promise<Run> {
  const { files, train, task } = sources;
  const hyper = hyperparameters(options, sources);
  const config = withDropout(files.config, hyper.dropout);
  const goal = validationGoal(options, sources);
  const largest = largestSizes(train.features, hyper.batchSize);
  const encoder: EncoderOptions = { recompute: chooseRecompute(config, largest) };
  const lowering = loweringOf(runtime.name);
  const programs = {
    training: trainingProgram(task, config, { ...encoder, lowering }),
    evaluation: evaluationProgram(task, config, { lowering }),
  };
  const specs = programs.training.parameters;
  const plan = planWeights(files.checkpoint, specs, files.folder, { complete: false });
  emit({ type: "weights", total: plan.total, loaded: plan.loaded, added: plan.added, unused: plan.unused });
  emit({ type: "recipe", lines: hyper.lines });

  const activations = activationBytes(config, largest, encoder);
  const store = await makeStore(programs, sources, hyper, { largest, activations });
  if (options.output !== undefined) await checkRoom(options.output, options.overwrite ?? false, specs);
  const initial = { seed: hyper.seed, initializerRange: config.initializer_range };
  await loadWeights(files.checkpoint, plan, store, initial);
  const shared = { runtime, store, threads: options.threads };
  const { seed, accumulation } = hyper;
  const step = await TrainingStep.create({
    ...shared,
    program: programs.training,
    task,
    config,
    seed,
    accumulation,
  });
  const validation = goal && {
    ...goal,
    scorer: await Scorer.create({ ...shared, program: programs.evaluation }),
  };
  return { ...hyper, task, step, store, train: train.features, validation, signal: options.signal, emit };
}

/** A disk that cannot hold the model is told before the training, not after it. */
function checkRoom(output: string, overwrite: boolean, specs: readonly ParameterSpec[]): Promise<void> {
  const bytes = specs.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 4), 0);
  return checkOutput(output, { overwrite, files: OUTPUT_FILES, bytes });
}

function withDropout(config: BertConfig, dropout: number | undefined): BertConfig {
  if (dropout === undefined) return config;
  return {
    ...config,
    hidden_dropout_prob: dropout,
    attention_probs_dropout_prob: dropout,
    classifier_dropout: dropout,
  };
}

/** The validation rows, the metric that chooses the best weights, and what the trivial answer scores. */
function validationGoal({ metricForBestModel }: FineTuneOptions, { task, train, validation }: Sources) {
  if (!validation) return undefined;
  const trivial = trivialMetrics(task, train, validation);
  const metric = metricForBestModel ?? task.bestMetric;
  if (!Object.hasOwn(trivial, metric)) {
    throw new UsageError(`--metric-for-best-model ${metric}: not one of ${Object.keys(trivial).join(", ")}.`);
  }
  return { data: validation, metric, baseline: trivial[metric] };
}

/** Memory for the parameters, and room for the largest batch; refused where the machine is too small. */
async function makeStore(
  { training, evaluation }: { training: Program; evaluation: Program },
  { validation }: Sources,
  { batchSize, accumulation }: Hyperparameters,
  { largest, activations }: { largest: Sizes; activations: number },
): Promise<ParameterStore> {
  const scored = validation?.features.maxLength ?? 0;
  const storeOptions = {
    training: true,
    accumulates: accumulation > 1,
    batchBytes: Math.max(TrainingStep.bytes(training, largest), Scorer.bytes(evaluation, scored)),
  };
  const specs = training.parameters;
  // The best weights so far are kept beside those that train.
  const snapshot = validation ? ParameterStore.bytes(specs, { training: false, batchBytes: 0 }) : 0;
  const bytes = ParameterStore.bytes(specs, storeOptions) + snapshot + activations;
  const what = `training with ${batchSize} rows of up to ${largest.S} tokens`;
  checkMemory(bytes, what, "Lower --batch-size or --max-seq-length, or take a smaller model.");
  return ParameterStore.create(specs, storeOptions);
}
