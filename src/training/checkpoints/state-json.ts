/** The loop's state as JSON has it: numbers that JSON lacks, such as a metric without a value, are words there. */
import { InputError } from "../../util/errors.ts";
import type { LoopState } from "../loop-state.ts";

const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** JSON writes a finite number so that the same bits are read again. */
export function encodeState(state: LoopState): Record<string, unknown> {
  const text = JSON.stringify(state, (_key, value) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
  return JSON.parse(text);
}

/** Throws `InputError` where it is none; `name` is for the message. */
export function decodeState(json: unknown, name: string): LoopState {
  const text = JSON.stringify(json ?? null);
  const state = JSON.parse(text, (_key, value) =>
    typeof value === "string" && Object.hasOwn(WORDS, value) ? WORDS[value] : value,
  );
  if (Number.isInteger(state?.step) && Array.isArray(state.history)) return state;
  throw new InputError(`${name}: no state of a training.\nTake another checkpoint.`);
}
