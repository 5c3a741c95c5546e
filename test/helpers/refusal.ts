/** What a call says when it refuses what a person gave. */
import { expect } from "vitest";
import { InputError } from "../../src/util/errors.ts";

/** The message of the `InputError` that the call ends in, of at most three lines. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  const { message } = error as InputError;
  expect(message.split("\n").length).toBeLessThanOrEqual(3);
  return message;
}
