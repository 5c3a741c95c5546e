/** What a suite compares to the bit. */
import { isDeepStrictEqual } from "node:util";

/** Throws with both where they differ. */
export function expectSame(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Error(`${what} is ${JSON.stringify(found)}\nand should be ${JSON.stringify(expected)}`);
}
