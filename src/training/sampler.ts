/** Which rows a step trains on: a fresh order each epoch, cut into micro-batches; the last of an epoch may be short. */
import { PURPOSE, permutation } from "../util/random.ts";

export interface SamplerOptions {
  rows: number;
  batchSize: number;
  accumulation: number;
  seed: number;
}

/** Optimizer steps of one epoch. */
export function stepsPerEpoch({ rows, batchSize, accumulation }: Omit<SamplerOptions, "seed">): number {
  return Math.ceil(rows / (batchSize * accumulation));
}

/** Micro-batches of each step, epoch after epoch without end; the order depends on seed and epoch alone. */
export function* stepRows(options: SamplerOptions, firstStep = 0): Generator<Uint32Array[]> {
  const { rows, batchSize, accumulation, seed } = options;
  const perEpoch = stepsPerEpoch(options);
  for (let epoch = Math.floor(firstStep / perEpoch); ; epoch++) {
    const order = permutation(rows, seed, PURPOSE.shuffling, epoch);
    const skip = epoch === Math.floor(firstStep / perEpoch) ? firstStep % perEpoch : 0;
    for (let step = skip; step < perEpoch; step++) {
      const start = step * batchSize * accumulation;
      const ofStep = order.subarray(start, start + batchSize * accumulation);
      const micro: Uint32Array[] = [];
      for (let i = 0; i < ofStep.length; i += batchSize) micro.push(ofStep.subarray(i, i + batchSize));
      yield micro;
    }
  }
}
