/**
 * What the tags of words are: the schemes that mark spans by a letter (Ramshaw & Marcus 1995, Sang & Veenstra 1999,
 * Ratinov & Roth 2009), and a tag's two parts.
 */

/** `none`: tags that mark no spans, such as parts of speech. */
export type TagScheme = SpanScheme | "none";

export const TAG_SCHEMES: readonly TagScheme[] = ["IOB1", "IOB2", "IOBES", "BILOU", "none"];

/** A scheme that marks spans. */
export type SpanScheme = "IOB1" | "IOB2" | "IOBES" | "BILOU";

/** Words [start, end) of a type. Tags of a letter alone have the type `_`. */
export interface TagSpan {
  type: string;
  start: number;
  end: number;
}

/** The letters of a scheme beside O, which is no span. */
export const LETTERS: Record<SpanScheme, string> = { IOB1: "BI", IOB2: "BI", IOBES: "BIES", BILOU: "BILU" };

/** `B-PER` in parts; O is the letter of what is outside. */
export interface TagParts {
  letter: string;
  type: string;
}

/** Whether a tag is a letter of any scheme, alone or before a dash and a type. */
export function marksSpan(tag: string): boolean {
  return "BIESLU".includes(tag.charAt(0)) && (tag.length === 1 || (tag.length > 1 && tag[1] === "-"));
}
