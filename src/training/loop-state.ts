/**
 * What a run knows between two steps, beside weights and moments: with them, enough to go on as if it had not stopped.
 * The order of rows and all random numbers follow from seed and step.
 */
import type { PatienceState } from "./stop-rules.ts";

/** The best evaluation so far. */
export interface BestEvaluation {
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Of the metric that decides, larger the better; -Infinity where it was no number. */
  readonly value: number;
}

export interface LoopState {
  /** Steps that are done. */
  step: number;
  /** Of these, left out since their numbers were not finite. */
  skipped: number;
  /** Of these, since the last step that was not left out. */
  skippedInARow: number;
  /** Whether the evaluation that is due after them is done as well, or none is due. */
  evaluated: boolean;
  /** Real tokens of the steps, and the mean of the losses of those that were not left out. */
  tokens: number;
  meanLoss: number;
  /** Seconds in training steps, and of the whole loop with evaluations and saves. */
  trainingSeconds: number;
  seconds: number;
  /** Steps and evaluations, as transformers' `trainer_state.json` has them. */
  history: Record<string, number>[];
  best?: BestEvaluation;
  patience?: PatienceState;
}

/** Whether the best evaluation is of an earlier step than the state's own, so that its weights are others. */
export function hasEarlierBest({ best, step }: LoopState): boolean {
  return best !== undefined && best.step < step;
}

export function firstState(): LoopState {
  return {
    step: 0,
    skipped: 0,
    skippedInARow: 0,
    evaluated: true,
    tokens: 0,
    meanLoss: 0,
    trainingSeconds: 0,
    seconds: 0,
    history: [],
  };
}
