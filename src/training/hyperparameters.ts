/** The numbers of a run: what the user gave, what the recipe chose, and the standard values for the rest. */
import type { FineTuneOptions } from "./options.ts";
import { rateFactors } from "./rate-factors.ts";
import { chooseEpochs, chooseRecipe } from "./recipe.ts";
import { stepsPerEpoch } from "./sampler.ts";
import { createSchedule, type Schedule, type SchedulerType, warmupStepCount } from "./schedule.ts";
import type { Sources } from "./setup.ts";
import type { OptimizerOptions } from "./training-step.ts";

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
  /** What was chosen and why, for people. */
  lines: string[];
}

export function hyperparameters(
  options: FineTuneOptions,
  { files, train, task, application }: Sources,
): Hyperparameters {
  const { standards } = application;
  const batchSize = options.perDeviceTrainBatchSize ?? standards.batchSize;
  const accumulation = options.gradientAccumulationSteps ?? 1;
  const perEpoch = stepsPerEpoch({ rows: train.features.rows, batchSize, accumulation });
  const totalSteps =
    options.maxSteps ??
    Math.max(1, Math.ceil((options.numTrainEpochs ?? chooseEpochs(perEpoch, standards.epochs)) * perEpoch));
  const epochs = totalSteps / perEpoch;
  const recipe = chooseRecipe({ config: files.config, ...application.difficulty(task) });
  const learningRate = options.learningRate ?? recipe.learningRate;
  // A rate that was given is that of all layers, unless the head's is given too.
  const headLearningRate = options.headLearningRate ?? options.learningRate ?? recipe.headLearningRate;
  const layerDecay = options.layerDecay ?? recipe.layerDecay;
  const warmupSteps = warmupStepCount(options.warmupSteps ?? recipe.warmupSteps, totalSteps);
  const { lrSchedulerType = "linear", lrSchedulerKwargs: kwargs } = options;
  const origin = (given: unknown, reason: string) => (given === undefined ? reason : "as given");
  return {
    epochs,
    totalSteps,
    batchSize,
    accumulation,
    learningRate,
    warmupSteps,
    lrSchedulerType,
    schedule: createSchedule(lrSchedulerType, { warmupSteps, totalSteps, learningRate, kwargs }),
    weightDecay: options.weightDecay ?? 0.01,
    maxGradNorm: options.maxGradNorm ?? 1,
    adamBeta1: options.adamBeta1 ?? 0.9,
    adamBeta2: options.adamBeta2 ?? 0.999,
    adamEpsilon: options.adamEpsilon ?? 1e-8,
    rateFactor: rateFactors({
      learningRate,
      headLearningRate,
      layerDecay,
      layers: files.config.num_hidden_layers,
    }),
    dropout: options.dropout ?? recipe.dropout,
    seed: options.seed ?? 42,
    groupByLength: (options.trainSamplingStrategy ?? standards.sampling) === "group_by_length",
    lines: [
      `${counted(totalSteps, "step")} of ${counted(batchSize * accumulation, "row")} (${counted(Number(epochs.toFixed(2)), "epoch")} of ${counted(train.features.rows, "row")})`,
      `learning rate ${rate(learningRate)}, for the new layers ${rate(headLearningRate)} (${origin(options.learningRate, recipe.reason)}), ` +
        scheduleLine(lrSchedulerType, warmupSteps),
      `dropout ${options.dropout ?? recipe.dropout ?? files.config.hidden_dropout_prob} ` +
        `(${origin(options.dropout, recipe.dropout === undefined ? "the checkpoint's" : "so small a model learns better without")})`,
    ],
  };
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
