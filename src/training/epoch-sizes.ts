/** How large the batches of a run's first epoch are: its sampler tells which rows come together, before any is read. */
import type { Features } from "../tasks/features.ts";
import { batchSizes, type Sizes } from "./batch.ts";
import type { Rounding } from "./rounding.ts";
import { type SamplerOptions, stepRows, stepsPerEpoch } from "./sampler.ts";

export interface Sampling extends Omit<SamplerOptions, "rows" | "lengthOf"> {
  groupByLength: boolean;
  /** Of the whole run; the first epoch may end before. */
  totalSteps: number;
  /** Rows are cut to so many tokens; default: as they are. */
  maxLength?: number;
}

/** Sizes of the batches, rounded, without those that another batch is as large as in every dim. */
export function firstEpochSizes(
  features: Pick<Features, "rows" | "length">,
  { maxLength = Number.POSITIVE_INFINITY, groupByLength, totalSteps, ...sampling }: Sampling,
  rounding: Rounding,
): Sizes[] {
  const length = (row: number) => Math.min(features.length(row), maxLength);
  const options = { ...sampling, rows: features.rows, lengthOf: groupByLength ? length : undefined };
  const steps = stepRows(options);
  let largest: Sizes[] = [];
  for (let step = Math.min(stepsPerEpoch(options), totalSteps); step > 0; step--) {
    for (const rows of steps.next().value as Uint32Array[]) {
      const sizes = batchSizes({ length }, rows, rounding);
      if (largest.some((other) => isWithin(sizes, other))) continue;
      largest = [...largest.filter((other) => !isWithin(other, sizes)), sizes];
    }
  }
  return largest;
}

function isWithin(a: Sizes, b: Sizes): boolean {
  return a.B <= b.B && a.S <= b.S && a.T <= b.T && a.G <= b.G;
}
