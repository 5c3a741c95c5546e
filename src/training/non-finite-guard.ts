/** What a run does about a step whose numbers are not finite: it stops, or leaves the step out. */
import { NonFiniteError } from "../util/errors.ts";
import type { TrainingEvent } from "./events.ts";
import { listed, type NonFinite } from "./non-finite.ts";
import type { StepPlace, StepResult } from "./training-step.ts";

export const NON_FINITE_POLICIES = ["stop", "skip"] as const;
export type NonFinitePolicy = (typeof NON_FINITE_POLICIES)[number];

/** So many steps left out one after the other are no accident. */
const MOST_IN_A_ROW = 10;
const ROWS_NAMED = 5;

export interface GuardOptions {
  /** Default `stop`. */
  onNonFinite?: NonFinitePolicy;
  totalSteps: number;
  /** What a row of the features is to people: a text may be one, a passage several. */
  rowUnit: "row" | "window";
  emit: (event: TrainingEvent) => void;
}

export class NonFiniteGuard {
  readonly #options: GuardOptions;
  #inARow: number;

  /** `inARow`: how many of the steps before were left out without one between them that was not. */
  constructor(options: GuardOptions, inARow = 0) {
    this.#options = options;
    this.#inARow = inARow;
  }

  /** Steps left out since the last one that was not. */
  get inARow(): number {
    return this.#inARow;
  }

  /**
   * Whether the step is left out. Throws `NonFiniteError` where the run is to stop: by its policy, after too many in a
   * row, or since no other step could do better.
   */
  leavesOut(place: StepPlace, result: StepResult): boolean {
    if (!result.nonFinite) {
      this.#inARow = 0;
      return false;
    }
    const { onNonFinite = "stop", totalSteps, emit } = this.#options;
    this.#inARow += 1;
    const report = this.#report(place, result, result.nonFinite);
    if (result.nonFinite.state.length > 0) {
      throw new NonFiniteError(`${report}\nSuch weights mend in no step: begin from another model.`);
    }
    if (onNonFinite === "stop") {
      const remedy = result.nonFinite.rowFault === "labels" ? "Correct that label" : "Try a tenth of it";
      throw new NonFiniteError(
        `${report}\n${remedy}; --on-non-finite skip leaves such steps out and goes on.`,
      );
    }
    if (this.#inARow >= Math.min(MOST_IN_A_ROW, totalSteps)) {
      throw new NonFiniteError(`${report}\n${this.#inARow} steps in a row were so. Try a tenth of the rate.`);
    }
    emit({
      type: "warning",
      message: `${report}\nThe step is left out (${(place.skipped ?? 0) + 1} so far).`,
    });
    return true;
  }

  #report({ step, learningRate }: StepPlace, result: StepResult, found: NonFinite): string {
    const { rowUnit } = this.#options;
    const rows = found.rows.map((row) => row + 1).sort((a, b) => a - b);
    const units = `training ${rowUnit}${rows.length === 1 ? "" : "s"} ${listed(rows, ROWS_NAMED)}`;
    const where = {
      labels: `The label is not finite in ${units}.`,
      logits: `The logits are not finite of ${units}.`,
      unknown: `All logits are finite; the step had ${units}.`,
    }[found.rowFault];
    return `step ${step + 1}: ${whatIsWrong(result, found)}.\n${where} The learning rate was ${Number(learningRate.toPrecision(2))}.`;
  }
}

function whatIsWrong({ loss, gradientNorm }: StepResult, { gradients, state }: NonFinite): string {
  if (state.length > 0) return `${listed(state, 2)} ${state.length === 1 ? "is" : "are"} not finite`;
  const named = gradients.length > 0 ? `of ${listed(gradients, 2)}` : "";
  if (!Number.isFinite(loss)) {
    return `the loss is ${loss}${named && `, and the gradient ${named} is not finite`}`;
  }
  if (named) return `the gradient ${named} is not finite (the loss is ${loss})`;
  return `the gradient's norm ${gradientNorm.toExponential(1)} is too large for float32 (the loss is ${loss})`;
}
