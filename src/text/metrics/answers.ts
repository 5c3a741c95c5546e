/**
 * How like two answers are: normalisation, exact match and F1 of SQuAD's evaluation script 2.0 (Rajpurkar et al. 2018).
 * The script is Python: its classes of white space and of letters are written out here, as JavaScript's differ.
 */

/** Python's `string.punctuation`; punctuation beyond ASCII stays. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;
/** What Python's `str.split()` splits at. */
const WHITE_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
/** Python's `\b(a|an|the)\b`: words are of letters and digits of any script. (`_` is gone by then.) */
const ARTICLES = /(?<![\p{L}\p{N}])(?:a|an|the)(?![\p{L}\p{N}])/gu;

/** The words that are compared: lower case, without ASCII punctuation, then without the articles a, an, the. */
export function answerWords(text: string): string[] {
  const bare = text.toLowerCase().replace(PUNCTUATION, "").replace(ARTICLES, " ");
  return bare.split(WHITE_SPACE).filter((word) => word !== "");
}

/** The script's `normalize_answer`: `answerWords` with one space between two. */
export function normalizeAnswer(text: string): string {
  return answerWords(text).join(" ");
}

/**
 * The best scores over the gold answers: `exact` 0 or 1, `f1` between 0 and 1. Gold answers that normalise to nothing
 * do not count; where none is left the right answer is the empty one.
 */
export function answerScores(prediction: string, golds: readonly string[]): { exact: number; f1: number } {
  const predicted = answerWords(prediction);
  const normalised = golds.map(answerWords).filter((words) => words.length > 0);
  const scores = (normalised.length > 0 ? normalised : [[]]).map((gold) => compare(predicted, gold));
  return {
    exact: Math.max(...scores.map(({ exact }) => exact)),
    f1: Math.max(...scores.map(({ f1 }) => f1)),
  };
}

function compare(predicted: readonly string[], gold: readonly string[]): { exact: number; f1: number } {
  const exact = predicted.join(" ") === gold.join(" ") ? 1 : 0;
  if (predicted.length === 0 || gold.length === 0) return { exact, f1: exact };
  return { exact, f1: (2 * inCommon(predicted, gold)) / (predicted.length + gold.length) };
}

/** Words that the two share; a word counts as often as it is in both. */
function inCommon(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of a) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of b) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    common++;
  }
  return common;
}
