/** Where an answer is in its passage: at the offset that the file gives, or else the nearest place that has it. */
import { codePointsOf } from "../code-points.ts";
import type { OffsetUnit, RawAnswer } from "./question.ts";

export interface Place {
  /** UTF-16. */
  start: number;
  /** Undefined: where the file says. Else the right offset in the file's unit. */
  correct?: number;
}

/** Undefined where the passage does not have the answer at all. */
export function locate(context: string, { text, offset }: RawAnswer, unit: OffsetUnit): Place | undefined {
  const said = unit === "utf16" ? offset : toUtf16(context, offset);
  if (context.startsWith(text, said)) return { start: said };
  const start = otherPlace(context, text, offset, said);
  if (start < 0) return undefined;
  return { start, correct: unit === "utf16" ? start : codePointsOf(context.slice(0, start)).length };
}

/** Beyond the passage: after its end. */
function toUtf16(context: string, offset: number): number {
  const points = codePointsOf(context);
  return offset <= points.length ? points.toUtf16(offset) : context.length + 1;
}

/** The offset may count the other unit; else the occurrence that is nearest to it. -1: none. */
function otherPlace(context: string, text: string, offset: number, said: number): number {
  for (const other of [offset, toUtf16(context, offset)]) {
    if (context.startsWith(text, other)) return other;
  }
  const before = context.lastIndexOf(text, said);
  const after = context.indexOf(text, said);
  if (before < 0 || after < 0) return Math.max(before, after);
  return said - before <= after - said ? before : after;
}
