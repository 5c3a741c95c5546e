/** What messages call the input, and what kind of input it is. */
import { expect, it } from "vitest";
import { openInput } from "./dataset.ts";

it("a pipe is called standard input and rows are called what they are", async () => {
  expect((await openInput("-")).name).toBe("standard input");
  expect((await openInput([])).name).toBe("rows in memory");
});
