/** The training loop: steps, schedule, evaluations, the best weights kept. It talks in events and writes nothing. */

import type { Features } from "../tasks/features.ts";
import type { Task, TaskData } from "../tasks/task.ts";
import { InputError } from "../util/errors.ts";
import type { TrainingEvent } from "./events.ts";
import type { ParameterStore } from "./parameter-store.ts";
import { stepRows, stepsPerEpoch } from "./sampler.ts";
import type { Schedule } from "./schedule.ts";
import { evaluateRows, type Scorer } from "./scorer.ts";
import { type EarlyStopping, isEvaluated, Patience } from "./stop-rules.ts";
import type { OptimizerOptions, StepResult, TrainingStep } from "./training-step.ts";

export interface LoopOptions extends OptimizerOptions {
  task: Task;
  step: TrainingStep;
  store: ParameterStore;
  train: Features;
  /** Validation rows and what scores them; without, the last weights are kept. */
  validation?: {
    data: TaskData;
    scorer: Scorer;
    metric: string;
    baseline: number;
    /** Default: by the metric's name. */
    greaterIsBetter?: boolean;
  };
  /** Steps from one evaluation to the next; default an epoch. */
  evalSteps?: number;
  /** Ends the run when the metric no longer improves. */
  earlyStopping?: EarlyStopping;
  /** Seconds of the loop, evaluations included, after which no further step begins. */
  timeLimit?: number;
  totalSteps: number;
  batchSize: number;
  accumulation: number;
  learningRate: number;
  /** What the learning rate is multiplied by, by step. */
  schedule: Schedule;
  seed: number;
  /** Rows of like length share a step. */
  groupByLength: boolean;
  signal?: AbortSignal;
  emit: (event: TrainingEvent) => void;
}

export interface LoopResult {
  /** Of the kept weights; empty without validation. */
  metrics: Record<string, number>;
  /** Steps (at most 500 of them, evenly) and evaluations, as transformers' `trainer_state.json` has them. */
  history: Record<string, number>[];
  /** Mean of the steps' losses. */
  meanLoss: number;
  bestStep: number;
  /** Fewer than planned where a rule ended the run. */
  steps: number;
  tokens: number;
  /** Seconds in training steps, without evaluations. */
  trainingSeconds: number;
}

/** Steps that the history holds. */
const MOST_LOGGED = 500;

export async function runLoop(options: LoopOptions): Promise<LoopResult> {
  const { step, train, totalSteps, batchSize, accumulation, emit, signal } = options;
  const perEpoch = stepsPerEpoch({ rows: train.rows, batchSize, accumulation });
  const result: LoopResult = {
    metrics: {},
    history: [],
    meanLoss: 0,
    bestStep: totalSteps,
    steps: 0,
    tokens: 0,
    trainingSeconds: 0,
  };
  const logEvery = Math.ceil(totalSteps / MOST_LOGGED);
  const best = new BestWeights(options);
  const deadline = performance.now() + 1000 * (options.timeLimit ?? Number.POSITIVE_INFINITY);
  const lengthOf = options.groupByLength ? (row: number) => train.length(row) : undefined;
  const batches = stepRows({ rows: train.rows, batchSize, accumulation, seed: options.seed, lengthOf });
  for (let done = 0; done < totalSteps; ) {
    signal?.throwIfAborted();
    const started = performance.now();
    const rate = options.learningRate * options.schedule(done);
    const outcome = await step.run(train, batches.next().value!, done, rate, options, signal);
    checkFinite(outcome, done, options.learningRate);
    result.tokens += outcome.tokens;
    result.trainingSeconds += (performance.now() - started) / 1000;
    done += 1;
    const entry = stepEvent(outcome, done, rate, result, { totalSteps, perEpoch });
    result.steps = done;
    result.meanLoss += (outcome.loss - result.meanLoss) / done;
    if (done % logEvery === 0 || done === totalSteps) result.history.push(historyOf(entry));
    emit(entry);
    const late = performance.now() > deadline && done < totalSteps;
    const evaluated = late || isEvaluated(done, { perEpoch, totalSteps, evalSteps: options.evalSteps });
    const noBetter = evaluated && (await best.consider(done, done / perEpoch, result));
    if (done === totalSteps || !(late || noBetter)) continue;
    emit({ type: "stopped", step: done, totalSteps, reason: late ? "time" : "patience" });
    break;
  }
  if (!options.validation) result.bestStep = result.steps;
  best.restore(result);
  return result;
}

function stepEvent(
  { loss, gradientNorm }: StepResult,
  step: number,
  learningRate: number,
  { tokens, trainingSeconds }: LoopResult,
  { totalSteps, perEpoch }: { totalSteps: number; perEpoch: number },
): TrainingEvent & { type: "step" } {
  const secondsLeft = (trainingSeconds / step) * (totalSteps - step);
  const tokensPerSecond = tokens / trainingSeconds;
  const epoch = step / perEpoch;
  return {
    type: "step",
    step,
    totalSteps,
    epoch,
    loss,
    gradientNorm,
    learningRate,
    tokensPerSecond,
    secondsLeft,
  };
}

function historyOf({ step, epoch, loss, gradientNorm, learningRate }: TrainingEvent & { type: "step" }) {
  return { step, epoch, loss, grad_norm: gradientNorm, learning_rate: learningRate };
}

function checkFinite({ loss, gradientNorm }: StepResult, step: number, learningRate: number): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  throw new InputError(
    `step ${step + 1}: the ${Number.isFinite(loss) ? "gradient" : "loss"} is not a finite number; nothing was written.\n` +
      `The learning rate ${learningRate} may be too high: try a tenth of it.`,
  );
}

/** Metrics that are distances or shares of mistakes. */
const LOWER_IS_BETTER: ReadonlySet<string> = new Set(["mse", "mae", "hamming_loss"]);

/** Evaluates, and keeps a copy of the weights whenever the metric is the best so far. */
class BestWeights {
  readonly #options: LoopOptions;
  #snapshot: Float32Array[] | undefined;
  #value = Number.NEGATIVE_INFINITY;
  #metrics: Record<string, number> = {};
  #step = 0;
  readonly #patience: Patience | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
    if (options.earlyStopping) this.#patience = new Patience(options.earlyStopping);
  }

  /** Whether the run is to end, since the metric no longer improves. */
  async consider(step: number, epoch: number, result: LoopResult): Promise<boolean> {
    const { validation, task, store, emit, signal, totalSteps } = this.#options;
    if (!validation) return false;
    const { data, scorer, metric, baseline, greaterIsBetter = !LOWER_IS_BETTER.has(metric) } = validation;
    const onProgress = (done: number, total: number) => emit({ type: "evaluating", done, total });
    const metrics = (await evaluateRows(task, scorer, data, { signal, onProgress })).compute();
    const value = greaterIsBetter ? metrics[metric] : -metrics[metric];
    const best = value > this.#value || this.#step === 0;
    if (best) {
      // A correlation of equal predictions is NaN, and nothing is above that: any number that follows is better.
      this.#value = Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
      this.#metrics = metrics;
      this.#step = step;
      // The last weights are where they are: only earlier ones need a copy.
      this.#snapshot = step < totalSteps ? store.snapshot(this.#snapshot) : undefined;
    }
    result.history.push({ step, epoch, ...prefixed(metrics) });
    emit({ type: "evaluation", epoch, step, metrics, metric, baseline, best });
    return this.#patience?.isOver(value) ?? false;
  }

  restore(result: LoopResult): void {
    if (!this.#options.validation) return;
    if (this.#snapshot) this.#options.store.restore(this.#snapshot);
    result.metrics = this.#metrics;
    result.bestStep = this.#step;
  }
}

/** transformers' spelling: `eval_accuracy`. */
function prefixed(metrics: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`eval_${name}`, value]));
}
