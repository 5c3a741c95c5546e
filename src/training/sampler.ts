/**
 * Which rows a step trains on: a fresh order each epoch, cut into micro-batches; the last of the order may be short.
 * Rows of like length can be brought together, as transformers' `group_by_length` does: attention of a batch costs as
 * much for each row as for the longest.
 */
import { PURPOSE, permutation } from "../util/random.ts";

export interface SamplerOptions {
  rows: number;
  batchSize: number;
  accumulation: number;
  seed: number;
  /** Brings rows of like length together; without, rows come as they are shuffled. */
  lengthOf?: (row: number) => number;
}

/** Steps among whose rows lengths are sorted: enough for batches of one length, few enough to stay a random choice. */
const STEPS_SORTED = 50;

/** Optimizer steps of one epoch. */
export function stepsPerEpoch({
  rows,
  batchSize,
  accumulation,
}: Pick<SamplerOptions, "rows" | "batchSize" | "accumulation">): number {
  return Math.ceil(rows / (batchSize * accumulation));
}

/** Micro-batches of each step, epoch after epoch without end; the order depends on seed and epoch alone. */
export function* stepRows(options: SamplerOptions, firstStep = 0): Generator<Uint32Array[]> {
  const { rows, batchSize, accumulation, seed, lengthOf } = options;
  const perEpoch = stepsPerEpoch(options);
  for (let epoch = Math.floor(firstStep / perEpoch); ; epoch++) {
    const order = permutation(rows, seed, PURPOSE.shuffling, epoch);
    const steps = lengthOf ? groupByLength(order, options, lengthOf, epoch) : undefined;
    const skip = epoch === Math.floor(firstStep / perEpoch) ? firstStep % perEpoch : 0;
    for (let step = skip; step < perEpoch; step++) {
      const start = (steps?.[step] ?? step) * batchSize * accumulation;
      const ofStep = order.subarray(start, start + batchSize * accumulation);
      const micro: Uint32Array[] = [];
      for (let i = 0; i < ofStep.length; i += batchSize) micro.push(ofStep.subarray(i, i + batchSize));
      yield micro;
    }
  }
}

/** Sorts stretches of the order by length, in place, and gives the order in which its steps are to come. */
function groupByLength(
  order: Uint32Array,
  options: SamplerOptions,
  lengthOf: (row: number) => number,
  epoch: number,
): Uint32Array {
  const stretch = STEPS_SORTED * options.batchSize * options.accumulation;
  for (let start = 0; start < order.length; start += stretch) {
    order.subarray(start, start + stretch).sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  }
  return permutation(stepsPerEpoch(options), options.seed, PURPOSE.steps, epoch);
}
