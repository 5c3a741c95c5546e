/** When a run is evaluated, and what ends it before its last step. */

export interface EarlyStopping {
  /** Evaluations without an improvement after which the run ends. */
  patience: number;
  /** What counts as an improvement: more than this beyond the best so far; default 0. */
  threshold: number;
}

/** What has been seen so far; nothing yet: -Infinity and 0. */
export interface PatienceState {
  readonly best: number;
  /** Evaluations since the last improvement. */
  readonly without: number;
}

/**
 * Counts evaluations since the last improvement; transformers' `EarlyStoppingCallback`. The best value is that of the
 * kept weights: one that is better by less than the threshold is kept, and still counts as none.
 */
export class Patience {
  readonly #rule: EarlyStopping;
  #best: number;
  #without: number;

  constructor(rule: EarlyStopping, seen: PatienceState = { best: Number.NEGATIVE_INFINITY, without: 0 }) {
    this.#rule = rule;
    this.#best = seen.best;
    this.#without = seen.without;
  }

  get state(): PatienceState {
    return { best: this.#best, without: this.#without };
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
