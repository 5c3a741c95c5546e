/** Tags of words and the spans that they mark: from one to the other, and between schemes. */
import { marksSpan, type SpanScheme, type TagParts, type TagScheme, type TagSpan } from "./tag.ts";

export { SchemeDetector, type SchemeReport, type SchemeViolation } from "./detect.ts";
export { strictSpansOf } from "./strict.ts";
export { type SpanScheme, TAG_SCHEMES, type TagScheme, type TagSpan } from "./tag.ts";

const OUTSIDE: TagParts = { letter: "O", type: "_" };

/**
 * The spans that tags mark, with mistakes read as the CoNLL script does (conlleval; seqeval 1.2.2's default mode): an
 * I-X that continues nothing starts a span. Without a scheme exactly seqeval's, which takes any first character as
 * the letter and knows neither L nor U. With one, L and U are E and S, and tags that mark no span are outside.
 */
export function spansOf(tags: readonly string[], scheme?: TagScheme): TagSpan[] {
  const spans: TagSpan[] = [];
  if (scheme === "none") return spans;
  let before: TagParts = { letter: "O", type: "" };
  let start = 0;
  for (let i = 0; i <= tags.length; i++) {
    const current = i < tags.length ? partsOf(tags[i], scheme) : OUTSIDE;
    if (ends(before, current)) spans.push({ type: before.type, start, end: i });
    if (starts(before, current)) start = i;
    before = current;
  }
  return spans;
}

function partsOf(tag: string, scheme: TagScheme | undefined): TagParts {
  if (scheme !== undefined && !marksSpan(tag)) return OUTSIDE;
  const dash = tag.indexOf("-", 1);
  const type = tag.slice(dash < 0 ? 1 : dash + 1) || "_";
  return { letter: scheme === undefined ? tag.charAt(0) : asIobes(tag.charAt(0)), type };
}

function asIobes(letter: string): string {
  if (letter === "L") return "E";
  return letter === "U" ? "S" : letter;
}

/** Whether a span ends between two neighbours. */
function ends(before: TagParts, current: TagParts): boolean {
  if ("ES".includes(before.letter)) return true;
  if ("BI".includes(before.letter) && "BSO".includes(current.letter)) return true;
  return !"O.".includes(before.letter) && before.type !== current.type;
}

/** Whether a span starts at the second of two neighbours. */
function starts(before: TagParts, current: TagParts): boolean {
  if ("BS".includes(current.letter)) return true;
  if ("ESO".includes(before.letter) && "EI".includes(current.letter)) return true;
  return !"O.".includes(current.letter) && before.type !== current.type;
}

/** The tags of `length` words with these spans, which are sorted and do not overlap. */
export function tagsOf(spans: readonly TagSpan[], length: number, scheme: SpanScheme): string[] {
  const tags = new Array<string>(length).fill("O");
  let before: TagSpan | undefined;
  for (const span of spans) {
    const { type, start, end } = span;
    if (start < (before?.end ?? 0) || end <= start || end > length)
      throw new Error(`internal: span ${start}-${end} among ${length} words, after ${before?.end ?? 0}`);
    const follows = before !== undefined && before.end === start && before.type === type;
    for (let i = start; i < end; i++) {
      const letter = letterOf(scheme, i === start, i === end - 1, follows);
      tags[i] = type === "_" ? letter : `${letter}-${type}`;
    }
    before = span;
  }
  return tags;
}

function letterOf(scheme: SpanScheme, first: boolean, last: boolean, followsSameType: boolean): string {
  if (scheme === "IOB1") return first && followsSameType ? "B" : "I";
  if (scheme === "IOB2") return first ? "B" : "I";
  const [end, single] = scheme === "IOBES" ? ["E", "S"] : ["L", "U"];
  if (first) return last ? single : "B";
  return last ? end : "I";
}

/**
 * Tags of one scheme in another; `none` on either side leaves them as they are. The result is free of mistakes: those
 * in `tags` are read as `spansOf` does, also where both schemes are the same.
 */
export function convertTags(tags: readonly string[], from: TagScheme, to: TagScheme): string[] {
  if (from === "none" || to === "none") return [...tags];
  return tagsOf(spansOf(tags, from), tags.length, to);
}
