/**
 * Which rows of a batch stand behind each other in one line of attention's grid: first fit decreasing (Johnson 1973), as
 * sequences are packed for BERT by Krell et al. 2021 (https://arxiv.org/abs/2107.02027).
 */

export interface Bins {
  readonly count: number;
  /** The place of each row's first token among `count * width`. */
  readonly starts: Uint32Array;
}

/** Rows of `lengths` tokens, none longer than `width`, in lines of `width` places: the longest first, each where it fits. */
export function binRows(lengths: ArrayLike<number>, width: number): Bins {
  const order = Uint32Array.from({ length: lengths.length }, (_, row) => row);
  order.sort((a, b) => lengths[b] - lengths[a] || a - b);
  const starts = new Uint32Array(lengths.length);
  const filled: number[] = [];
  for (const row of order) {
    const found = filled.findIndex((tokens) => tokens + lengths[row] <= width);
    const bin = found < 0 ? filled.push(0) - 1 : found;
    starts[row] = bin * width + filled[bin];
    filled[bin] += lengths[row];
  }
  return { count: filled.length, starts };
}
