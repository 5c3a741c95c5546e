/**
 * The best sequence of tags that IOB2 allows: the Viterbi algorithm (Viterbi 1967) with transitions that are free or
 * forbidden, none learned. `I-X` follows only `B-X` and `I-X`, so a word costs C steps and not C * C.
 * Letters: W words, C tags.
 */

/**
 * The tag of each word, `[W]`, that together have the highest sum of `scores`, flat `[W, C]`: log-probabilities, or
 * logits, since a number added to all scores of a word changes nothing. Of equal ones the first tag. `I-X` without a
 * `B-X` among the labels may stand anywhere, as every tag outside the scheme: such label sets give each word its best.
 */
export function bestTags(scores: Float32Array, labels: readonly string[]): Int32Array {
  const tagCount = labels.length;
  const openers = openersOf(labels);
  const from = new Int32Array(scores.length); // the tag before, on the best way to a word's tag
  // Relative to the best tag's sum: so it stays small, and free tags are compared by their own scores exactly.
  let sums = new Float64Array(tagCount);
  let next = new Float64Array(tagCount);
  for (let row = 0; row < scores.length; row += tagCount) {
    const best = indexOfLargest(sums);
    const base = sums[best];
    for (let tag = 0; tag < tagCount; tag++) {
      const opener = openers[tag];
      const before = opener < 0 ? best : sums[opener] >= sums[tag] ? opener : tag;
      const allowed = opener < 0 || row > 0;
      from[row + tag] = before;
      next[tag] = allowed ? sums[before] - base + scores[row + tag] : Number.NEGATIVE_INFINITY;
    }
    [sums, next] = [next, sums];
  }
  return walkBack(from, indexOfLargest(sums), tagCount);
}

/** For each `I-X` the number of `B-X`, and for `I` without a type of `B`; -1 for tags that may follow any. */
function openersOf(labels: readonly string[]): Int32Array {
  const numbers = new Map(labels.map((label, i) => [label, i]));
  return Int32Array.from(labels, (label) =>
    /^I(-|$)/.test(label) ? (numbers.get(`B${label.slice(1)}`) ?? -1) : -1,
  );
}

function indexOfLargest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

function walkBack(from: Int32Array, last: number, tagCount: number): Int32Array {
  const tags = new Int32Array(from.length / tagCount);
  for (let word = tags.length - 1, tag = last; word >= 0; word--) {
    tags[word] = tag;
    tag = from[word * tagCount + tag];
  }
  return tags;
}
