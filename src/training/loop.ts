/** The training loop: steps, schedule, evaluations, checkpoints. It talks in events; others write. */

import type { Features } from "../tasks/features.ts";
import type { Task, TaskData } from "../tasks/task.ts";
import { BestWeights } from "./best-weights.ts";
import type { EvaluationEvent, StepEvent } from "./events.ts";
import { firstState, type LoopState } from "./loop-state.ts";
import { checkState } from "./non-finite.ts";
import { type GuardOptions, NonFiniteGuard } from "./non-finite-guard.ts";
import type { OptimizerOptions } from "./optimizer.ts";
import type { ParameterStore } from "./parameter-store.ts";
import { stepRows, stepsPerEpoch } from "./sampler.ts";
import type { Schedule } from "./schedule.ts";
import type { Scorer } from "./scorer.ts";
import { type EarlyStopping, isEvaluated } from "./stop-rules.ts";
import type { StepResult, TrainingStep } from "./training-step.ts";
import type { WeightsCopy } from "./weights-copy.ts";

export interface LoopOptions extends OptimizerOptions, GuardOptions {
  task: Task;
  step: TrainingStep;
  store: ParameterStore;
  train: Features;
  /** Validation rows and what scores them; without, the last weights are kept, or the best ones of before `start`. */
  validation?: {
    data: TaskData;
    scorer: Scorer;
    metric: string;
    baseline: number;
    /** Default: by the metric's name. */
    greaterIsBetter?: boolean;
  };
  /** Holds the weights of the best evaluation so far. */
  bestCopy: WeightsCopy;
  /** Steps from one evaluation to the next; default an epoch. */
  evalSteps?: number;
  /** Ends the run when the metric no longer improves. */
  earlyStopping?: EarlyStopping;
  /** Seconds of the loop, evaluations included, after which no further step begins. */
  timeLimit?: number;
  batchSize: number;
  accumulation: number;
  learningRate: number;
  /** What the learning rate is multiplied by, by step. */
  schedule: Schedule;
  seed: number;
  /** Rows of like length share a step. */
  groupByLength: boolean;
  /** Where a run goes on that was stopped; then `bestCopy` has the weights of its best evaluation. */
  start?: LoopState;
  /** Without, nothing is kept of a run that is stopped. */
  checkpoints?: Checkpointing;
  signal?: AbortSignal;
  /** Awaited after the event of an evaluation, before the next step. */
  afterEvaluation?: (event: EvaluationEvent) => Promise<void>;
}

export interface Checkpointing {
  /** Steps from one save to the next; an abort saves as well. */
  every: number;
  /** Keeps `state` with the weights and moments of now, and the weights of its best evaluation. */
  save(state: LoopState): Promise<void>;
}

export interface LoopResult {
  /** Of the kept weights; empty where they were not evaluated. */
  metrics: Record<string, number>;
  /** Steps (at most 500 of them, evenly) and evaluations, as transformers' `trainer_state.json` has them. */
  history: Record<string, number>[];
  /** Mean of the losses of the steps that were not left out. */
  meanLoss: number;
  /** Of the kept weights, as is `bestEpoch`, with a fraction where an evaluation is inside of one. */
  bestStep: number;
  bestEpoch: number;
  /** Fewer than planned where a rule ended the run. */
  steps: number;
  tokens: number;
  /** Seconds in training steps, without evaluations. */
  trainingSeconds: number;
}

/** Steps that the history holds. */
const MOST_LOGGED = 500;

export function runLoop(options: LoopOptions): Promise<LoopResult> {
  return new Loop(options).run();
}

class Loop {
  readonly #options: LoopOptions;
  readonly #state: LoopState;
  readonly #firstStep: number;
  readonly #best: BestWeights;
  readonly #guard: NonFiniteGuard;
  readonly #perEpoch: number;
  /** When the loop began, or would have without a stop. */
  readonly #began: number;

  constructor(options: LoopOptions) {
    const { train, batchSize, accumulation } = options;
    this.#options = options;
    this.#state = structuredClone(options.start ?? firstState());
    this.#firstStep = this.#state.step;
    this.#best = new BestWeights(options, this.#state);
    this.#guard = new NonFiniteGuard(options, this.#state.skippedInARow);
    this.#perEpoch = stepsPerEpoch({ rows: train.rows, batchSize, accumulation });
    this.#began = performance.now() - 1000 * this.#state.seconds;
  }

  async run(): Promise<LoopResult> {
    try {
      await this.#steps();
    } catch (error) {
      // A step that was stopped has changed no weight: the state is that before it.
      if (this.#options.signal?.aborted) await this.#save();
      throw error;
    }
    await this.#best.finish(this.#state);
    const { step, history, meanLoss, tokens, trainingSeconds, best = { step, metrics: {} } } = this.#state;
    return {
      metrics: { ...best.metrics },
      bestStep: best.step,
      bestEpoch: best.step / this.#perEpoch,
      ...{ steps: step, history, meanLoss, tokens, trainingSeconds },
    };
  }

  async #steps(): Promise<void> {
    const { train, batchSize, accumulation, seed, groupByLength, totalSteps, checkpoints } = this.#options;
    const lengthOf = groupByLength ? (row: number) => train.length(row) : undefined;
    const sampler = { rows: train.rows, batchSize, accumulation, seed, lengthOf };
    const batches = stepRows(sampler, this.#state.step);
    if (!this.#state.evaluated && (await this.#isOver())) return;
    while (this.#state.step < totalSteps) {
      await this.#step(batches.next().value!);
      if (await this.#isOver()) return;
      if (checkpoints && this.#state.step % checkpoints.every === 0) await this.#save();
    }
  }

  async #step(micro: readonly Uint32Array[]): Promise<void> {
    const { step, train, learningRate, schedule, signal } = this.#options;
    const state = this.#state;
    signal?.throwIfAborted();
    const started = performance.now();
    const place = {
      step: state.step,
      skipped: state.skipped,
      learningRate: learningRate * schedule(state.step),
    };
    const outcome = await step.run(train, micro, place, this.#options, signal);
    const isLeftOut = this.#guard.leavesOut(place, outcome);
    state.skippedInARow = this.#guard.inARow;
    state.tokens += outcome.tokens;
    state.trainingSeconds += (performance.now() - started) / 1000;
    state.step += 1;
    state.evaluated = false;
    if (isLeftOut) state.skipped += 1;
    else this.#log(outcome, place.learningRate);
  }

  #log(outcome: StepResult, rate: number): void {
    const { totalSteps, emit } = this.#options;
    const state = this.#state;
    state.meanLoss += (outcome.loss - state.meanLoss) / (state.step - state.skipped);
    const entry = stepEvent(outcome, rate, state, { totalSteps, perEpoch: this.#perEpoch });
    const logEvery = Math.ceil(totalSteps / MOST_LOGGED);
    if (state.step % logEvery === 0 || state.step === totalSteps) state.history.push(historyOf(entry));
    emit(entry);
  }

  /** Evaluates where that is due. Whether the run ends with the steps that are done. */
  async #isOver(): Promise<boolean> {
    const { store, totalSteps, evalSteps, timeLimit = Number.POSITIVE_INFINITY, emit } = this.#options;
    const state = this.#state;
    const perEpoch = this.#perEpoch;
    const last = state.step === totalSteps;
    const late = !last && this.#seconds() > timeLimit;
    const evaluates = late || isEvaluated(state.step, { perEpoch, totalSteps, evalSteps });
    if (evaluates) checkState(store, `step ${state.step}`);
    const noBetter = evaluates && (await this.#best.consider(state, state.step / perEpoch));
    state.evaluated = true;
    if (last || !(late || noBetter)) return last;
    emit({ type: "stopped", step: state.step, totalSteps, reason: late ? "time" : "patience" });
    return true;
  }

  async #save(): Promise<void> {
    // What a run begins with is there already.
    if (this.#state.step === this.#firstStep) return;
    this.#state.seconds = this.#seconds();
    await this.#options.checkpoints?.save(this.#state);
  }

  #seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }
}

function stepEvent(
  { loss, gradientNorm }: StepResult,
  learningRate: number,
  { step, tokens, trainingSeconds }: LoopState,
  { totalSteps, perEpoch }: { totalSteps: number; perEpoch: number },
): StepEvent {
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

function historyOf({ step, epoch, loss, gradientNorm, learningRate }: StepEvent) {
  return { step, epoch, loss, grad_norm: gradientNorm, learning_rate: learningRate };
}
