/** Evaluates, and has the weights copied whenever the metric is the best so far. */
import type { EvaluationEvent } from "./events.ts";
import type { LoopOptions } from "./loop.ts";
import { type BestEvaluation, hasEarlierBest, type LoopState } from "./loop-state.ts";
import { isGreaterBetter } from "./metric-direction.ts";
import { prefixed } from "./run-folder/log-line.ts";
import { evaluateRows } from "./scorer.ts";
import { Patience } from "./stop-rules.ts";

export class BestWeights {
  readonly #options: LoopOptions;
  readonly #patience: Patience | undefined;
  #best: BestEvaluation | undefined;

  /** Goes on from `state`. */
  constructor(options: LoopOptions, { best, patience }: LoopState) {
    this.#options = options;
    this.#best = best;
    if (options.earlyStopping) this.#patience = new Patience(options.earlyStopping, patience);
  }

  /** Writes what it found into `state`. Whether the run is to end, since the metric no longer improves. */
  async consider(state: LoopState, epoch: number): Promise<boolean> {
    const { validation, task, bestCopy, emit, signal, totalSteps } = this.#options;
    if (!validation) return false;
    const { data, scorer, metric, baseline, greaterIsBetter = isGreaterBetter(metric) } = validation;
    const onProgress = (done: number, total: number) => emit({ type: "evaluating", done, total });
    const metrics = (await evaluateRows(task, scorer, data, { signal, onProgress })).compute();
    const value = greaterIsBetter ? metrics[metric] : -metrics[metric];
    const { step } = state;
    const best = this.#best === undefined || value > this.#best.value;
    if (best) {
      // A correlation of equal predictions is NaN, and nothing is above that: any number that follows is better.
      this.#best = { step, metrics, value: Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value };
      // The last weights are where they are: only earlier ones need a copy.
      if (step < totalSteps) await bestCopy.take();
    }
    const isOver = this.#patience?.isOver(value) ?? false;
    state.best = this.#best;
    state.patience = this.#patience?.state;
    state.history.push({ step, epoch, ...prefixed(metrics) });
    const event: EvaluationEvent = { type: "evaluation", epoch, step, metrics, metric, baseline, best };
    emit(event);
    await this.#options.afterEvaluation?.(event);
    return isOver;
  }

  /** Leaves the best weights in the store, once a run is over that came to `state`. */
  async finish(state: LoopState): Promise<void> {
    const { bestCopy } = this.#options;
    if (hasEarlierBest(state)) await bestCopy.restore();
    // The disk may have no room for both it and the model.
    bestCopy.drop();
  }
}
