/** Tags as a file writes them to numbers: one form (IOB2), the model's labels, a label a token. */
import type { Column } from "../tasks/column.ts";
import { floatsOf, type Values } from "../tasks/features.ts";
import { convertTags, type TagScheme } from "../text/tags/schemes.ts";

/** Tags of all words, numbered by first sight. */
export interface WrittenTags {
  readonly tags: readonly string[];
  /** A word: the number of its tag in `tags`. */
  readonly words: Uint16Array;
  /** A sentence: the number of the word after its last. */
  readonly ends: Uint32Array;
}

export interface NumberedTags {
  /** A word: the number of its tag in `names`. */
  readonly references: Uint16Array;
  /** The labels first, then tags that the model does not have. */
  readonly names: readonly string[];
  readonly labels: readonly string[];
}

/** So many tags, and twice as many in another form, have numbers of 16 bits. */
export const MOST_TAGS = 32_768;

/**
 * Tags in IOB2 where `scheme` marks spans. Labels are those that are known, or all tags that there are, sorted.
 * Overwrites `words` with the references: a large corpus has its tags in memory once.
 */
export function numberTags(
  { tags, words, ends }: WrittenTags,
  scheme: TagScheme,
  known: readonly string[] | undefined,
): NumberedTags {
  const ids = new Map<string, number>();
  let start = 0;
  for (const end of ends) {
    const ofSentence = Array.from(words.subarray(start, end), (id) => tags[id]);
    for (const [i, tag] of convertTags(ofSentence, scheme, "IOB2").entries()) {
      const id = ids.get(tag) ?? ids.size;
      ids.set(tag, id);
      words[start + i] = id;
    }
    start = end;
  }
  const seen = [...ids.keys()];
  const labels = known ?? [...seen].sort();
  const names = [...labels, ...seen.filter((tag) => !labels.includes(tag)).sort()];
  const order = seen.map((tag) => names.indexOf(tag));
  for (let i = 0; i < words.length; i++) words[i] = order[words[i]];
  return { references: words, names, labels };
}

/** What a token is supervised with: 0, or by a word, as its first piece or a later one. Words are numbered from 0. */
export const supervision = {
  none: 0,
  first: (word: number) => 2 * word + 1,
  later: (word: number) => 2 * word + 2,
} as const;

/**
 * A label a token, -1 for none: of the word that supervises it. Pieces after a word's first go on with its span: their
 * label is `I-X` where the word's is `B-X`.
 */
export function tokenLabels(
  supervised: Column<Uint32Array>,
  references: ArrayLike<number>,
  labels: readonly string[],
): Values {
  const inside = labels.map((label, i) => {
    const found = label.startsWith("B-") ? labels.indexOf(`I-${label.slice(2)}`) : -1;
    return found < 0 ? i : found;
  });
  const labelOf = (code: number) => {
    const label = code === supervision.none ? -1 : references[(code - 1) >>> 1];
    if (label < 0 || label >= labels.length) return -1;
    return code % 2 === 0 ? inside[label] : label;
  };
  return {
    length: supervised.length,
    subarray: (start, end) => floatsOf(supervised.slice(start, end), labelOf),
  };
}

/** B-X where I-X would do, in IOB1: a span begins there in any case (CoNLL-2003's training file has two). */
export function isHarmless(scheme: TagScheme, tags: Iterable<string>): boolean {
  // Of tags that IOB1 has, no other breaks it.
  return scheme === "IOB1" && [...tags].every((tag) => /^(O$|[BI](-|$))/.test(tag));
}
