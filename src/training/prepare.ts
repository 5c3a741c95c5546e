/** Graphs, memory, weights and sessions of a run, ready for the loop. */
import type { LoadedRuntime } from "../engine/runtime/runtimes.ts";
import { defaultThreads } from "../files/machine.ts";
import { checkOutput } from "../files/output-folder.ts";
import type { ScratchFiles } from "../files/scratch-files.ts";
import type { BertConfig } from "../model/config.ts";
import type { ParameterSpec } from "../model/parameters.ts";
import { allOrNone } from "../util/all-or-none.ts";
import { UsageError } from "../util/errors.ts";
import { trivialMetrics } from "./baseline.ts";
import { hashWeights } from "./describe-run.ts";
import type { TrainingEvent } from "./events.ts";
import { freezingLine } from "./freezing.ts";
import { hyperparameters } from "./hyperparameters.ts";
import { loadWeights, planWeights } from "./load-weights.ts";
import type { LoopOptions } from "./loop.ts";
import { type MemoryPlan, MemoryPlanner } from "./memory-plan.ts";
import type { FineTuneOptions } from "./options.ts";
import { ParameterStore } from "./parameter-store.ts";
import type { Program } from "./program.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import { outputOptions } from "./save-model.ts";
import type { SchedulerType } from "./schedule.ts";
import { Scorer } from "./scorer.ts";
import type { Sources } from "./setup.ts";
import type { EarlyStopping } from "./stop-rules.ts";
import { TrainingStep } from "./training-step.ts";
import { WeightsCopy } from "./weights-copy.ts";

export interface Run extends LoopOptions {
  /** All options, with their origins. */
  resolved: ResolvedOptions;
  /** SHA-256 of the checkpoint's files, by their names; none without an output. */
  weightHashes: Readonly<Record<string, string>>;
  epochs: number;
  /** Whole steps. */
  warmupSteps: number;
  lrSchedulerType: SchedulerType;
  /** What was chosen and why, for people. */
  lines: readonly string[];
  memory: MemoryPlan;
  readonly programs: { readonly training: Program; readonly evaluation: Program };
  /** Whether the best weights may be those of an earlier evaluation than the last. */
  readonly keepsBest: boolean;
  /** An error of the loop as the user should see it. */
  explain(error: unknown): unknown;
}

type Emit = (event: TrainingEvent) => void;

export async function prepareRun(
  options: FineTuneOptions,
  sources: Sources,
  { runtime, scratch }: { runtime: LoadedRuntime; scratch: ScratchFiles },
  emit: Emit,
): Promise<Run> {
  const { files, train, task } = sources;
  const hyper = hyperparameters(options, sources);
  const config = withDropout(files.config, hyper.dropout);
  const goal = validationGoal(options, sources);
  const planner = new MemoryPlanner({
    ...{ task, config, train: train.features, validation: sources.validation?.features },
    runtime,
    sampling: { seed: hyper.seed, groupByLength: hyper.groupByLength, totalSteps: hyper.totalSteps },
    freeze: options.freeze,
  });
  const setting = {
    batchSize: hyper.batchSize,
    accumulation: hyper.accumulation,
    checkpointing: options.gradientCheckpointing ?? false,
  };
  const program = planner.training(setting);
  const specs = program.parameters;
  const plan = planWeights(files.checkpoint, specs, files.folder, { complete: false });
  emit({ type: "weights", total: plan.total, loaded: plan.loaded, added: plan.added, unused: plan.unused });
  const freezing = options.freeze ? [freezingLine(options.freeze, specs, planner.frozen)] : [];
  emit({ type: "recipe", lines: [...hyper.lines, ...freezing] });

  const memory = planner.check(setting);
  emit({ type: "memory", ...memory });
  const store = await ParameterStore.create(specs, {
    ...planner.store(setting),
    threads: runtime.takesSharedMemory ? (options.threads ?? defaultThreads()) : 1,
  });
  const shared = { runtime, store, threads: options.threads };
  const { seed, accumulation } = hyper;
  const open = async () => {
    if (options.output !== undefined) await checkRoom(options.output, options, specs);
    const initial = { seed, initializerRange: config.initializer_range };
    const readWeights = async () => {
      await loadWeights(files.checkpoint, plan, store, initial);
      store.clear();
      return options.output === undefined ? {} : hashWeights(files.checkpoint);
    };
    // A runtime compiles beside JavaScript, which does all this meanwhile.
    return allOrNone([
      TrainingStep.create({ ...shared, program, task, seed, accumulation }),
      goal && Scorer.create({ ...shared, program: planner.evaluation }),
      readWeights(),
    ] as const);
  };
  const [step, scorer, weightHashes] = await open().catch((error: unknown) => {
    store.end();
    throw error;
  });
  const validation = goal && scorer && { ...goal, scorer };
  const bestCopy = new WeightsCopy(store, scratch, emit);
  return {
    ...hyper,
    ...{ task, step, store, bestCopy, train: train.features, validation, signal: options.signal, emit },
    weightHashes,
    onNonFinite: options.onNonFinite,
    rowUnit: train.features.rows === train.examples ? "row" : "window",
    evalSteps: options.evalSteps,
    timeLimit: options.timeLimit,
    earlyStopping: earlyStopping(options),
    memory,
    programs: { training: program, evaluation: planner.evaluation },
    keepsBest: goal !== undefined && (hyper.epochs > 1 || mayStopEarly(options)),
    explain: (error) => planner.explain(error, setting),
  };
}

function mayStopEarly({ evalSteps, timeLimit }: FineTuneOptions): boolean {
  return evalSteps !== undefined || timeLimit !== undefined;
}

function earlyStopping(options: FineTuneOptions): EarlyStopping | undefined {
  const { earlyStoppingPatience: patience, earlyStoppingThreshold: threshold = 0 } = options;
  return patience === undefined ? undefined : { patience, threshold };
}

/** A disk that cannot hold the model and its checkpoints is told before the training, not after it. */
function checkRoom(
  output: string,
  { overwrite, saveStrategy, saveTotalLimit = 1 }: FineTuneOptions,
  specs: readonly ParameterSpec[],
): Promise<void> {
  const model = specs.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 4), 0);
  // Weights, two moments, the best weights; one more checkpoint than are kept is there for a moment. The best weights' copy is
  // perhaps on this disk too, but gone when the model comes.
  const checkpoints = saveStrategy === "no" ? 0 : 4 * (saveTotalLimit + 1);
  return checkOutput(output, outputOptions(overwrite, model * (1 + checkpoints)));
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
function validationGoal(
  { metricForBestModel, greaterIsBetter }: FineTuneOptions,
  { task, train, validation }: Sources,
) {
  if (!validation) return undefined;
  const trivial = trivialMetrics(task, train, validation);
  const metric = metricForBestModel ?? task.bestMetric;
  if (!Object.hasOwn(trivial, metric)) {
    throw new UsageError(`--metric-for-best-model ${metric}: not one of ${Object.keys(trivial).join(", ")}.`);
  }
  return { data: validation, metric, baseline: trivial[metric], greaterIsBetter };
}
