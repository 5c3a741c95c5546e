/** The answers of a row as files write them, to one form. What is wrong is said, and whether it matters decided later. */
import { show } from "../show.ts";
import type { RawAnswer, RawAnswers } from "./question.ts";

/**
 * From `[{text, answer_start}]` (SQuAD), `{text: [...], answer_start: [...]}` (the `datasets` library), one
 * `{text, answer_start}`, or a text whose offset is in a column of its own, `start`. An offset may also be called
 * `start`. Null is no answers given.
 */
export function rawAnswers(value: unknown, start?: unknown): RawAnswers {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return allOf([[value, start]]);
  if (Array.isArray(value)) {
    const odd = value.findIndex((item) => !isObject(item));
    return odd < 0 ? allOf(value.map(pairOf)) : notAnswers(value[odd]);
  }
  if (!isObject(value)) return notAnswers(value);
  const [text, offset] = pairOf(value);
  if (!Array.isArray(text)) return allOf([[text, offset]]);
  const offsets = Array.isArray(offset) ? offset : [];
  if (offsets.length !== text.length)
    return {
      problem: `"answers" has ${text.length} and ${offsets.length} entries in "text" and "answer_start"`,
    };
  return allOf(text.map((one, i) => [one, offsets[i]]));
}

function pairOf(answer: Record<string, unknown>): [text: unknown, offset: unknown] {
  return [answer.text, answer.answer_start ?? answer.start];
}

function notAnswers(value: unknown): RawAnswers {
  return { problem: `${typeName(value)} where an answer with "text" and "answer_start" is needed` };
}

function allOf(pairs: readonly (readonly [text: unknown, offset: unknown])[]): RawAnswers {
  const answers: RawAnswer[] = [];
  for (const [text, offset] of pairs) {
    if (typeof text !== "string") return { problem: `the "text" of an answer is ${typeName(text)}` };
    if (text === "") return { problem: "an answer is empty; no answer is an empty list" };
    if (typeof offset !== "number" || !Number.isSafeInteger(offset) || offset < 0) {
      const found = typeof offset === "number" ? String(offset) : typeName(offset);
      return { problem: `the "answer_start" of ${show(text)} is ${found}; a number from 0 is needed` };
    }
    answers.push({ text, offset });
  }
  return answers;
}

/** "a number", "missing": what stands where something else was due. */
export function typeName(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return `the text ${show(value)}`;
  return typeof value === "object" ? "an object" : `the ${typeof value} ${String(value)}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
