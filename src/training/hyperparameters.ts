/** The numbers of a run: what the user gave, what the recipe chose, and the standard values for the rest. */
import { defaultThreads } from "../files/machine.ts";
import type { OptimizerOptions } from "./optimizer.ts";
import type { FineTuneOptions } from "./options.ts";
import { rateFactors } from "./rate-factors.ts";
import { chooseEpochs, chooseRecipe, type Recipe } from "./recipe.ts";
import { definedOf, type ResolvedOptions, resolveOptions, STANDARD } from "./resolve-options.ts";
import { stepsPerEpoch } from "./sampler.ts";
import { createSchedule, type Schedule, type SchedulerType, warmupStepCount } from "./schedule.ts";
import { SPLIT_SEED } from "./select-rows.ts";
import type { Sources } from "./setup.ts";

export interface Hyperparameters extends OptimizerOptions {
  epochs: number;
  totalSteps: number;
  batchSize: number;
  accumulation: number;
  learningRate: number;
  /** Whole steps. */
  warmupSteps: number;
  lrSchedulerType: SchedulerType;
  schedule: Schedule;
  /** undefined: the checkpoint's own. */
  dropout: number | undefined;
  seed: number;
  groupByLength: boolean;
  /** All options, with what was chosen for those that were not given. */
  resolved: ResolvedOptions;
  /** What was chosen and why, for people. */
  lines: string[];
}

export function hyperparameters(options: FineTuneOptions, sources: Sources): Hyperparameters {
  const { files, train, task, application } = sources;
  const defaults = defaultOptions(options, sources);
  const all = { ...defaults, ...definedOf(options) };
  const { perDeviceTrainBatchSize: batchSize, gradientAccumulationSteps: accumulation } = all;
  const perEpoch = stepsPerEpoch({ rows: train.features.rows, batchSize, accumulation });
  const recipe = chooseRecipe({ config: files.config, ...application.difficulty(task) });
  const chosen = recipeOptions(options, recipe, chooseEpochs(perEpoch, application.standards.epochs));
  const { numTrainEpochs, learningRate, headLearningRate, layerDecay, dropout } = chosen;
  const totalSteps = options.maxSteps ?? Math.max(1, Math.ceil(numTrainEpochs * perEpoch));
  const warmupSteps = warmupStepCount(chosen.warmupSteps, totalSteps);
  const { lrSchedulerType, lrSchedulerKwargs: kwargs } = all;
  const numbers = {
    epochs: totalSteps / perEpoch,
    ...{ totalSteps, batchSize, accumulation, learningRate, warmupSteps, lrSchedulerType },
    schedule: createSchedule(lrSchedulerType, { warmupSteps, totalSteps, learningRate, kwargs }),
    weightDecay: all.weightDecay,
    maxGradNorm: all.maxGradNorm,
    adamBeta1: all.adamBeta1,
    adamBeta2: all.adamBeta2,
    adamEpsilon: all.adamEpsilon,
    adamBiasCorrection: all.adamBiasCorrection,
    rateFactor: rateFactors({
      ...{ learningRate, headLearningRate, layerDecay },
      layers: files.config.num_hidden_layers,
    }),
    dropout,
    seed: all.seed,
    groupByLength: all.trainSamplingStrategy === "group_by_length",
  };
  const resolved = resolveOptions(options, {
    recipe: {
      ...chosen,
      // Steps leave no choice of epochs; a rate that is given is the head's as well.
      numTrainEpochs: options.maxSteps === undefined ? numTrainEpochs : undefined,
      headLearningRate: options.learningRate === undefined ? headLearningRate : undefined,
    },
    defaults: { ...defaults, headLearningRate },
  });
  return { ...numbers, resolved, lines: describe(numbers, chosen, options, sources, recipe) };
}

/** What is not the recipe's to choose. */
function defaultOptions(
  { validationSplit, fraction, perDeviceTrainBatchSize, gradientAccumulationSteps }: FineTuneOptions,
  { application, resolved, maxSeqLength, task, validation }: Sources,
) {
  const { batchSize, microBatches, sampling } = application.standards;
  // Who gives one of the two means the other to be plain.
  const isGiven = perDeviceTrainBatchSize !== undefined || gradientAccumulationSteps !== undefined;
  const parts = isGiven ? 1 : microBatches;
  return {
    ...STANDARD,
    ...application.defaults,
    model: resolved.name,
    maxSeqLength,
    perDeviceTrainBatchSize: batchSize / parts,
    gradientAccumulationSteps: parts,
    trainSamplingStrategy: sampling,
    metricForBestModel: validation && task.bestMetric,
    // Only where it decides anything.
    splitSeed: (validationSplit ?? fraction) === undefined ? undefined : SPLIT_SEED,
    threads: defaultThreads(),
  };
}

/** The recipe's choices, but for what is given; epochs where no steps are. */
function recipeOptions(options: FineTuneOptions, recipe: Recipe, epochs: number) {
  return {
    numTrainEpochs: options.numTrainEpochs ?? epochs,
    learningRate: options.learningRate ?? recipe.learningRate,
    // A rate that was given is that of all layers, unless the head's is given too.
    headLearningRate: options.headLearningRate ?? options.learningRate ?? recipe.headLearningRate,
    layerDecay: options.layerDecay ?? recipe.layerDecay,
    warmupSteps: options.warmupSteps ?? recipe.warmupSteps,
    dropout: options.dropout ?? recipe.dropout,
  };
}

function describe(
  run: Pick<Hyperparameters, "epochs" | "totalSteps" | "batchSize" | "accumulation"> &
    Pick<Hyperparameters, "learningRate" | "lrSchedulerType" | "warmupSteps" | "dropout">,
  { headLearningRate }: { headLearningRate: number },
  options: FineTuneOptions,
  { files, train }: Sources,
  recipe: Recipe,
): string[] {
  const origin = (given: unknown, reason: string) => (given === undefined ? reason : "as given");
  const why = recipe.dropout === undefined ? "the checkpoint's" : "so small a model learns better without";
  const rows = counted(run.batchSize * run.accumulation, "row");
  const epochs = counted(Number(run.epochs.toFixed(2)), "epoch");
  return [
    `${counted(run.totalSteps, "step")} of ${rows} (${epochs} of ${counted(train.features.rows, "row")})`,
    `learning rate ${rate(run.learningRate)}, for the new layers ${rate(headLearningRate)} ` +
      `(${origin(options.learningRate, recipe.reason)}), ${scheduleLine(run.lrSchedulerType, run.warmupSteps)}`,
    `dropout ${run.dropout ?? files.config.hidden_dropout_prob} (${origin(options.dropout, why)})`,
  ];
}

function scheduleLine(type: SchedulerType, warmupSteps: number): string {
  if (type === "constant") return "constant";
  // The name of the schedule says both.
  const then = type === "warmup_stable_decay" || type === "constant_with_warmup" ? type : `then ${type}`;
  return `warm-up ${counted(warmupSteps, "step")}, ${then}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}

/** As `1.7e-4`. */
function rate(value: number): string {
  return value.toExponential(1).replace(".0e", "e");
}
