/** Spans as seqeval 1.2.2's strict mode has them: only those that keep to the scheme count. */
import { LETTERS, marksSpan, type SpanScheme, type TagParts, type TagScheme, type TagSpan } from "./tag.ts";

/** Neighbours: letter before (`?` any), letter, and `=` for the same type, `!` for another, `*` for either. */
interface Patterns {
  start: string[];
  inside: string[];
  end: string[];
}

/** As in seqeval's scheme.py; what is not listed does not hold, B-X B-Y in IOB1 among it. */
const PATTERNS: Record<SpanScheme, Patterns> = {
  IOB1: {
    start: ["OI*", "II!", "BI*", "IB=", "BB="],
    inside: ["BI=", "II="],
    end: ["II!", "IO*", "IB*", "BO*", "BI!", "BB="],
  },
  IOB2: {
    start: ["?B*"],
    inside: ["BI=", "II="],
    end: ["IO*", "II!", "IB*", "BO*", "BI!", "BB*"],
  },
  IOBES: {
    start: ["?B*", "?S*"],
    inside: ["BI=", "BE=", "II=", "IE="],
    end: ["S?*", "E?*"],
  },
  BILOU: {
    start: ["?B*", "?U*"],
    inside: ["BI=", "BL=", "II=", "IL="],
    end: ["U?*", "L?*"],
  },
};

const OUTSIDE: TagParts = { letter: "O", type: "_" };

/**
 * The spans that follow the scheme to the letter. A tag that the scheme does not have counts as O, where seqeval
 * refuses the whole input.
 */
export function strictSpansOf(tags: readonly string[], scheme: TagScheme): TagSpan[] {
  if (scheme === "none") return [];
  const { start, inside, end } = PATTERNS[scheme];
  const parts = [...tags.map((tag) => partsOf(tag, scheme)), OUTSIDE];
  const spans: TagSpan[] = [];
  let before = OUTSIDE;
  for (let i = 0; i < parts.length; ) {
    let next = i + 1;
    if (matches(start, before, parts[i])) {
      while (matches(inside, parts[next - 1], parts[next])) next++;
      if (matches(end, parts[next - 1], parts[next]))
        spans.push({ type: parts[i].type, start: i, end: next });
    }
    before = parts[next - 1];
    i = next;
  }
  return spans;
}

function partsOf(tag: string, scheme: SpanScheme): TagParts {
  if (!marksSpan(tag) || !LETTERS[scheme].includes(tag[0])) return OUTSIDE;
  return { letter: tag[0], type: tag.slice(1).replace(/^-+|-+$/g, "") || "_" };
}

function matches(patterns: readonly string[], before: TagParts, current: TagParts): boolean {
  return patterns.some(
    ([first, second, types]) =>
      (first === "?" || first === before.letter) &&
      (second === "?" || second === current.letter) &&
      (types === "*" || (types === "=") === (before.type === current.type)),
  );
}
