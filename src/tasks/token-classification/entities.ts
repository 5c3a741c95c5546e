/** Entities of pre-split words, from the tags predicted for them. */
import { spansOf, type TagScheme } from "../../text/tags/schemes.ts";

/** Words [start, end) that are one entity. */
export interface WordSpan {
  label: string;
  /** Mean probability of its words' tags. */
  score: number;
  start: number;
  end: number;
}

/** Entities of a sentence from a tag a word and the probability of each; `scheme` as in `spansOf`. */
export function entitiesOf(
  tags: readonly string[],
  probabilities: ArrayLike<number>,
  scheme?: TagScheme,
): WordSpan[] {
  return spansOf(tags, scheme).map(({ type, start, end }) => {
    let sum = 0;
    for (let word = start; word < end; word++) sum += probabilities[word];
    return { label: type, score: sum / (end - start), start, end };
  });
}
