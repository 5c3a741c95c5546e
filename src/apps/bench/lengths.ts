/**
 * How long rows of public data sets are, in tokens of uncased WordPiece with [CLS] and [SEP]: coarse histograms that
 * `node bench/lengths.js` prints, in place of the rows themselves.
 */

export interface LengthHistogram {
  /** Tokens of the shortest row. */
  readonly shortest: number;
  /** Tokens of the longest row of each bin, ascending. */
  readonly longest: readonly number[];
  /** How many of a thousand rows each bin has. */
  readonly perMille: readonly number[];
}

/** CoLA's and SNLI's training rows, cut at 128 tokens; windows of 384 tokens, 128 shared, of SQuAD v1.1 questions. */
export const LENGTHS = {
  cola: {
    shortest: 4,
    longest: [7, 8, 9, 10, 11, 12, 13, 14, 16, 19, 22, 24, 27, 32, 47],
    perMille: [128, 115, 134, 133, 107, 93, 67, 53, 67, 52, 27, 13, 7, 3, 1],
  },
  snli: {
    shortest: 9,
    longest: [17, 19, 20, 22, 23, 24, 25, 26, 27, 29, 30, 32, 34, 36, 41, 46, 51, 61, 71, 113],
    perMille: [70, 74, 50, 110, 59, 60, 54, 49, 45, 85, 42, 73, 60, 45, 68, 27, 15, 9, 4, 1],
  },
  squad: {
    shortest: 36,
    longest: [74, 91, 104, 114, 124, 133, 143, 154, 165, 176, 188, 202, 223, 248, 290, 330, 379, 384],
    perMille: [67, 61, 62, 62, 63, 62, 67, 61, 63, 57, 66, 60, 64, 61, 62, 32, 15, 15],
  },
} as const satisfies Record<string, LengthHistogram>;

/** The length at `u` of the distribution, in [0, 1): within a bin all lengths are equally likely. */
export function lengthAt({ shortest, longest, perMille }: LengthHistogram, u: number): number {
  let [from, below] = [shortest, 0];
  for (let bin = 0; bin < longest.length; bin++) {
    const inside = (1000 * u - below) / perMille[bin];
    if (inside < 1) return from + Math.floor(inside * (longest[bin] - from + 1));
    from = longest[bin] + 1;
    below += perMille[bin];
  }
  throw new RangeError(`lengthAt: expected a number from 0 to below 1, got ${u}`);
}
