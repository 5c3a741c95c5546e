/** `vocab.txt`: one token a line, its id the line's number from 0. */
import { InputError } from "../../util/errors.ts";

/** Bound on ids, an order of magnitude above the largest multilingual vocabularies. */
export const MAX_VOCAB_SIZE = 5_000_000;

/** Below this share of entries with a capital letter a vocabulary counts as uncased (BERT's cased ones: 0.4 and more). */
const UNCASED_SHARE = 0.01;

/**
 * Token to id. A token that stands twice has the later id, as in transformers; blank lines at the end are no tokens.
 */
export function readVocab(text: string): Map<string, number> {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  while (lines.at(-1) === "") lines.pop();
  if (lines.length === 0) {
    throw new InputError("vocab.txt is empty\nIt must have one token a line.");
  }
  if (lines.length > MAX_VOCAB_SIZE) {
    throw new InputError(`vocab.txt has ${lines.length} lines; at most ${MAX_VOCAB_SIZE} are read`);
  }
  return new Map(lines.map((token, id) => [token, id]));
}

/** Whether the vocabulary looks uncased: hardly an entry, special ones like `[CLS]` aside, has a capital letter. */
export function guessLowercase(vocab: ReadonlyMap<string, number>): boolean {
  let capitals = 0;
  for (const token of vocab.keys()) {
    if (!/^[[<].*[\]>]$/.test(token) && token !== token.toLowerCase()) capitals++;
  }
  return capitals < UNCASED_SHARE * vocab.size;
}
