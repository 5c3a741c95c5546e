/** The cases of the training step: model, rows of a batch, their lengths. */
import { batchSizes, type Sizes } from "../../internals.ts";
import { hashText, uniform } from "../../util/random.ts";
import { LENGTHS, type LengthHistogram, lengthAt } from "./lengths.ts";
import type { SIZES } from "./our-step.ts";

export interface StepCase {
  readonly name: string;
  readonly model: keyof typeof SIZES;
  /** Rows. */
  readonly batch: number;
  /** Tokens of every row; or a row is drawn from these. */
  readonly length: number | LengthHistogram;
}

const SHAPES: readonly (readonly [string, Pick<StepCase, "batch" | "length">])[] = [
  ["32x32", { batch: 32, length: 32 }],
  ["32x128", { batch: 32, length: 128 }],
  ["cola", { batch: 32, length: LENGTHS.cola }],
  ["snli", { batch: 32, length: LENGTHS.snli }],
  ["squad", { batch: 16, length: LENGTHS.squad }],
];

export const STEP_CASES: readonly StepCase[] = (["minilm", "base"] as const).flatMap((model) =>
  SHAPES.map(([shape, { batch, length }]) => ({ name: `${model}-${shape}`, model, batch, length })),
);

/** Lengths of the rows of a case's batch by its number; as in shuffled training, hardly two batches are alike. */
export function rowLengths({ name, batch, length }: StepCase, number: number): number[] {
  if (typeof length === "number") return Array(batch).fill(length);
  return Array.from({ length: batch }, (_, row) => lengthAt(length, uniform(hashText(name), number, row)));
}

/** Values of a graph's symbolic dims: rows, the longest, all tokens. */
export function sizesOf(lengths: readonly number[]): Sizes {
  return batchSizes({ length: (row) => lengths[row] }, Array.from(lengths.keys()));
}

/** Sizes that no batch of a case exceeds. */
export function largestSizesOf({ batch, length }: StepCase): Sizes {
  const longest = typeof length === "number" ? length : length.longest[length.longest.length - 1];
  return sizesOf(Array(batch).fill(longest));
}
