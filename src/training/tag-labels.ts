/** Tags as a file writes them to numbers: one form (IOB2), the model's labels, a label a token. */
import { convertTags, type TagScheme } from "../text/tags/schemes.ts";

/** Tags of all words, numbered by first sight. */
export interface WrittenTags {
  readonly tags: readonly string[];
  /** A word: the number of its tag in `tags`. */
  readonly words: Uint32Array;
  /** A sentence: the number of the word after its last. */
  readonly ends: Uint32Array;
}

export interface NumberedTags {
  /** A word: the number of its tag in `names`. */
  readonly references: Int32Array;
  /** The labels first, then tags that the model does not have. */
  readonly names: readonly string[];
  readonly labels: readonly string[];
}

/** Tags in IOB2 where `scheme` marks spans. Labels are those that are known, or all tags that there are, sorted. */
export function numberTags(
  { tags, words, ends }: WrittenTags,
  scheme: TagScheme,
  known: readonly string[] | undefined,
): NumberedTags {
  const ids = new Map<string, number>();
  const references = new Int32Array(words.length);
  let start = 0;
  for (const end of ends) {
    const ofSentence = Array.from(words.subarray(start, end), (id) => tags[id]);
    for (const [i, tag] of convertTags(ofSentence, scheme, "IOB2").entries()) {
      const id = ids.get(tag) ?? ids.size;
      ids.set(tag, id);
      references[start + i] = id;
    }
    start = end;
  }
  const seen = [...ids.keys()];
  const labels = known ?? [...seen].sort();
  const names = [...labels, ...seen.filter((tag) => !labels.includes(tag)).sort()];
  const order = seen.map((tag) => names.indexOf(tag));
  for (let i = 0; i < references.length; i++) references[i] = order[references[i]];
  return { references, names, labels };
}

/**
 * A label a token, -1 for none: of the word in `supervised`. Pieces after a word's first (-1 in `firsts`) go on with
 * its span: their label is `I-X` where the word's is `B-X`.
 */
export function tokenLabels(
  { supervised, firsts }: { supervised: Int32Array; firsts: Int32Array },
  references: Int32Array,
  labels: readonly string[],
): Float32Array {
  const inside = labels.map((label, i) => {
    const found = label.startsWith("B-") ? labels.indexOf(`I-${label.slice(2)}`) : -1;
    return found < 0 ? i : found;
  });
  return Float32Array.from(supervised, (word, t) => {
    const label = word < 0 ? -1 : references[word];
    if (label < 0 || label >= labels.length) return -1;
    return firsts[t] < 0 ? inside[label] : label;
  });
}

/** B-X where I-X would do, in IOB1: a span begins there in any case (CoNLL-2003's training file has two). */
export function isHarmless(scheme: TagScheme, tags: Iterable<string>): boolean {
  // Of tags that IOB1 has, no other breaks it.
  return scheme === "IOB1" && [...tags].every((tag) => /^(O$|[BI](-|$))/.test(tag));
}
