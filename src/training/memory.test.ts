/** The refusal of what cannot fit. */
import { describe, expect, it } from "vitest";
import { memoryLimit } from "../files/machine.ts";
import { InputError } from "../util/errors.ts";
import { checkMemory } from "./memory.ts";

describe("checkMemory", () => {
  it("passes what fits and refuses the rest with figures and advice", () => {
    expect(() => checkMemory(memoryLimit(), "training", "Lower something.")).not.toThrow();
    const refused = () => checkMemory(2 * memoryLimit(), "training with 32 rows", "Lower --batch-size.");
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(
      /^training with 32 rows needs about [\d.]+ [GT]B of memory, this machine has [\d.]+ [GT]B\.\nLower --batch-size\.$/,
    );
  });
});
