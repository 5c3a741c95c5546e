/** When a run is evaluated, and what ends it before its last step. */

export interface EarlyStopping {
  /** Evaluations without an improvement after which the run ends. */
  patience: number;
  /** What counts as an improvement: more than this beyond the best so far; default 0. */
  threshold: number;
}

/**
 * Counts evaluations since the last improvement; transformers' `EarlyStoppingCallback`. The best value is that of the
 * kept weights: one that is better by less than the threshold is kept, and still counts as none.
 */
export class Patience {
  readonly #rule: EarlyStopping;
  #best = Number.NEGATIVE_INFINITY;
  #without = 0;

  constructor(rule: EarlyStopping) {
    this.#rule = rule;
  }

  /** Whether the run ends with this evaluation; `value` is larger the better, NaN is no improvement. */
  isOver(value: number): boolean {
    const improved = value > this.#best && value - this.#best > this.#rule.threshold;
    this.#without = improved ? 0 : this.#without + 1;
    if (value > this.#best) this.#best = value;
    return this.#without >= this.#rule.patience;
  }
}

/** Whether the run is evaluated after `done` steps: by epochs, or every `evalSteps`, and in any case at its end. */
export function isEvaluated(
  done: number,
  { perEpoch, totalSteps, evalSteps }: { perEpoch: number; totalSteps: number; evalSteps?: number },
): boolean {
  return done === totalSteps || done % (evalSteps ?? perEpoch) === 0;
}
