/** Which rows are scored together: those of like length, as many as the processor works best on. */
import type { Features } from "../tasks/features.ts";
import type { Sizes } from "./batch.ts";
import { mostRounded, type Rounding, roundUp } from "./rounding.ts";

/**
 * Places of a batch's grid, its rows times the longest of them. Measured on MiniLM-L6, one thread, rows of 10 to 128
 * tokens: a token costs the least from 512 to 1,024, 6 % more at 256 where products are small, 4 % more at 2,048 and
 * 15 % at 4,096 where activations leave the caches. Two threads are best from 1,024 to 2,048. The limit is of the grid
 * and not of its tokens, since attention's memory grows with the grid.
 */
export const BATCH_PLACES = 1024;

/** Row numbers by batch, the longest rows first; `batchSize` is the most rows of one. A row too long is alone. */
export function* scoringBatches(
  features: Features,
  rounding: Rounding,
  batchSize = Number.POSITIVE_INFINITY,
): Generator<Uint32Array> {
  const order = Uint32Array.from({ length: features.rows }, (_, i) => i);
  order.sort((a, b) => features.length(b) - features.length(a) || a - b);
  for (let start = 0; start < order.length; ) {
    const fit = Math.floor(BATCH_PLACES / roundUp(features.length(order[start]), rounding.S));
    const end = start + Math.max(1, Math.min(fit, batchSize));
    yield order.subarray(start, end);
    start = end;
  }
}

/** The batch of rows of `maxLength` tokens. */
export function scoringSizes(maxLength: number): Sizes {
  const rows = Math.max(1, Math.floor(BATCH_PLACES / Math.max(1, maxLength)));
  return { B: rows, S: maxLength, T: rows * maxLength, G: rows };
}

/**
 * No batch of rows of up to `maxLength` tokens has more rows, more bins, more tokens or a larger grid, rounded or not, and
 * none has more squares of places in its bins than `squares`.
 */
export function largestScored(maxLength: number): Sizes & { squares: number } {
  const { S, T } = mostRounded({ B: 1, S: maxLength, T: maxLength, G: 1 });
  const places = Math.max(BATCH_PLACES, T);
  return { B: places, S: 1, T: places, G: places, squares: places * S };
}
