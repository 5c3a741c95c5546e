/** Sizes of batches that are met again, for runtimes that are faster, and keep less, the fewer shapes they meet. */
import type { Runtime } from "../engine/runtime/session.ts";
import type { Sizes } from "./batch.ts";

/** What a batch's longest row, its tokens and its bins are rounded up to. */
export interface Rounding {
  readonly S: number;
  readonly T: number;
  readonly G: number;
}

/**
 * For a runtime that compiles shapes. Predicting 100,000 rows of 22 tokens then has some hundred shapes and not 2,000,
 * and takes a third of the memory; training on rows of 11 tokens is a tenth faster from its first steps on. For others,
 * rounding would be some 3 % of work for nothing.
 */
const FEW_SHAPES: Rounding = { S: 8, T: 32, G: 2 };
export const EXACT: Rounding = { S: 1, T: 1, G: 1 };

export function roundingFor({ compilesShapes }: Pick<Runtime, "compilesShapes">): Rounding {
  return compilesShapes ? FEW_SHAPES : EXACT;
}

/** A token that is added needs a slot that no token fills: where all rows are as long as S, T stays. */
export function roundedSizes({ B, S, T }: Omit<Sizes, "G">, rounding: Rounding): Omit<Sizes, "G"> {
  const length = roundUp(S, rounding.S);
  return { B, S: length, T: T === B * length ? T : roundUp(T, rounding.T) };
}

/** No batch within `sizes` is larger once it is rounded for any runtime. */
export function mostRounded(sizes: Sizes): Sizes {
  return {
    B: sizes.B,
    S: roundUp(sizes.S, FEW_SHAPES.S),
    T: roundUp(sizes.T, FEW_SHAPES.T),
    // One more than the rows need, for tokens that are added.
    G: Math.min(sizes.B, roundUp(sizes.G + 1, FEW_SHAPES.G)),
  };
}

export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
