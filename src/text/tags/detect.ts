/** Which scheme the tags of a file follow, told while they stream by. */
import { LETTERS, marksSpan, type SpanScheme, type TagScheme } from "./tag.ts";

/** A word whose tag the scheme does not allow there. */
export interface SchemeViolation {
  /** Of the sentence. */
  line: number;
  /** Number of the word in its sentence, from 1. */
  word: number;
  tag: string;
  /** The tag of the word before, empty for a sentence's first word. */
  before: string;
  /** For people, such as `"I-PER" after "O"`. */
  reason: string;
}

export interface SchemeReport {
  scheme: TagScheme;
  /** Against that scheme; the first few as examples. */
  violations: { count: number; examples: SchemeViolation[] };
}

const EXAMPLES_KEPT = 5;

/** Earlier ones win ties: IOB2 is by far the most common. */
const SCHEMES: SpanScheme[] = ["IOB2", "IOB1", "IOBES", "BILOU"];

/**
 * The scheme with the fewest violations; `none` where most tags other than O mark no span, or all are O. IOB1 and IOB2
 * cannot both be free of violations: the first word of a span that follows an O breaks one of them.
 */
export class SchemeDetector {
  #tagged = 0;
  #marking = 0;
  readonly #violations = new Map(
    SCHEMES.map((scheme) => [scheme, { count: 0, examples: [] as SchemeViolation[] }]),
  );

  /** Takes a sentence that stands at `line` of its file. */
  add(tags: readonly string[], line: number): void {
    for (const tag of tags) {
      if (tag === "O") continue;
      this.#tagged++;
      if (marksSpan(tag)) this.#marking++;
    }
    for (const [scheme, found] of this.#violations) {
      for (let i = 0; i < tags.length; i++) {
        const reason = violation(scheme, tags[i - 1], tags[i], tags[i + 1]);
        if (reason === undefined) continue;
        found.count++;
        if (found.examples.length < EXAMPLES_KEPT)
          found.examples.push({ line, word: i + 1, tag: tags[i], before: tags[i - 1] ?? "", reason });
      }
    }
  }

  finish(): SchemeReport {
    if (this.#marking === 0 || this.#marking * 2 < this.#tagged)
      return { scheme: "none", violations: { count: 0, examples: [] } };
    let [best] = SCHEMES;
    for (const scheme of SCHEMES) if (this.#count(scheme) < this.#count(best)) best = scheme;
    return { scheme: best, violations: this.#violations.get(best)! };
  }

  #count(scheme: SpanScheme): number {
    return this.#violations.get(scheme)!.count;
  }
}

/** What is wrong with a tag between its neighbours, which are undefined at the ends of the sentence. */
function violation(
  scheme: SpanScheme,
  before: string | undefined,
  tag: string,
  after: string | undefined,
): string | undefined {
  if (tag === "O") return undefined;
  if (!marksSpan(tag) || !LETTERS[scheme].includes(tag[0])) return `${quoted(tag)} is no ${scheme} tag`;
  const needsSpanBefore = scheme === "IOB1" ? tag[0] === "B" : "IEL".includes(tag[0]);
  if (needsSpanBefore && !isOpen(before, tag))
    return before === undefined ? `${quoted(tag)} at the start` : `${quoted(tag)} after ${quoted(before)}`;
  const needsEnd = scheme === "IOBES" || scheme === "BILOU";
  if (needsEnd && "BI".includes(tag[0]) && !continues(after, tag))
    return after === undefined ? `${quoted(tag)} at the end` : `${quoted(tag)} before ${quoted(after)}`;
  return undefined;
}

/** Whether `before` is in a span of the same type that the next word may go on with. */
function isOpen(before: string | undefined, tag: string): boolean {
  return before !== undefined && "BI".includes(before.charAt(0)) && before.slice(1) === tag.slice(1);
}

function continues(after: string | undefined, tag: string): boolean {
  return after !== undefined && "IEL".includes(after.charAt(0)) && after.slice(1) === tag.slice(1);
}

const quoted = JSON.stringify;
