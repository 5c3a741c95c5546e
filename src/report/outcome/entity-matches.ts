/** Which predicted entity stands for which right one, and the text of a sentence with both marked. */
import type { TextPart } from "../report-data.ts";

/** Characters [start, end) of a text. */
export interface Span {
  label: string;
  start: number;
  end: number;
}

/** A right entity and what was predicted there, or a predicted one where nothing is. */
export interface Match<S extends Span = Span> {
  gold?: S;
  predicted?: S;
}

/**
 * Right entities with the predicted one that has the same characters, else with one that shares some, of the same type
 * where there is one; then predicted ones that are left. Each predicted entity stands for one right one at most.
 */
export function matchEntities<S extends Span>(gold: readonly S[], predicted: readonly S[]): Match<S>[] {
  const free = new Set(predicted);
  const take = (fits: (span: S) => boolean): S | undefined => {
    const found = [...free].find(fits);
    if (found) free.delete(found);
    return found;
  };
  const matches = gold.map(
    (span): Match<S> => ({ gold: span, predicted: take((other) => sameEnds(span, other)) }),
  );
  const overlapping = (match: Match<S>, sameLabel: boolean) => {
    const { gold: span } = match;
    if (!span || match.predicted) return;
    match.predicted = take(
      (other) =>
        other.start < span.end && span.start < other.end && (!sameLabel || other.label === span.label),
    );
  };
  for (const match of matches) overlapping(match, true);
  for (const match of matches) overlapping(match, false);
  return [...matches, ...[...free].map((span): Match<S> => ({ predicted: span }))];
}

export function sameEnds(a: Span, b: Span): boolean {
  return a.start === b.start && a.end === b.end;
}

/** The text cut wherever a span begins or ends; each part says whose it is. */
export function markedText(text: string, gold: readonly Span[], predicted: readonly Span[]): TextPart[] {
  const ends = [...gold, ...predicted].flatMap(({ start, end }) => [start, end]);
  const cuts = [...new Set([0, ...ends, text.length])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, i): TextPart => {
    const start = cuts[i];
    const over = (spans: readonly Span[]) =>
      spans.find((span) => span.start <= start && end <= span.end)?.label;
    return partOf(text.slice(start, end), over(gold), over(predicted));
  });
}

/** A part of the text with what is right there and what was predicted; neither: plain text. */
export function partOf(text: string, gold: string | undefined, predicted: string | undefined): TextPart {
  if (gold === undefined && predicted === undefined) return text;
  if (gold === predicted) return { text, kind: "right", note: gold ?? "" };
  if (predicted === undefined) return { text, kind: "missed", note: `${gold} missed` };
  if (gold === undefined) return { text, kind: "extra", note: `${predicted} predicted` };
  return { text, kind: "wrong", note: `${gold}, predicted ${predicted}` };
}
