/** The cases of the training step: model, rows of a batch, their lengths. */
import type { SIZES } from "./our-step.ts";

export interface StepCase {
  readonly name: string;
  readonly model: keyof typeof SIZES;
  readonly batch: number;
  readonly length: number;
}

export const STEP_CASES: readonly StepCase[] = [
  { name: "minilm-32x32", model: "minilm", batch: 32, length: 32 },
  { name: "minilm-32x128", model: "minilm", batch: 32, length: 128 },
  { name: "base-32x32", model: "base", batch: 32, length: 32 },
  { name: "base-32x128", model: "base", batch: 32, length: 128 },
];
