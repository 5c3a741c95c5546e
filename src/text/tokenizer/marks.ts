/**
 * Combining marks at the end of a piece of text. Tokenizers that strip accents leave them out of a token's offsets, so
 * that of "été" written with combining accents a token ends before the last one.
 */

const MARKS = /\p{Mn}*/uy;

/** The end of what stands before `end` with the marks that follow there, `limit` at most. Offsets in UTF-16 units. */
export function endWithMarks(text: string, end: number, limit = text.length): number {
  MARKS.lastIndex = end;
  MARKS.test(text);
  return Math.max(end, Math.min(MARKS.lastIndex, limit));
}
