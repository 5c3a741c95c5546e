/** The estimate of a step's memory, and the refusal of what cannot fit. */
import { describe, expect, it } from "vitest";
import { memoryLimit } from "../files/machine.ts";
import { parseBertConfig } from "../model/config.ts";
import { InputError } from "../util/errors.ts";
import { activationBytes, checkMemory } from "./memory.ts";

const base = parseBertConfig({ model_type: "bert" }, "config.json");

describe("activationBytes", () => {
  it("grows with rows, tokens and layers, and by the square of the longest row", () => {
    const at = (B: number, S: number, layers = 12) =>
      activationBytes({ ...base, num_hidden_layers: layers }, { B, S, T: B * S });
    expect(at(64, 128)).toBe(2 * at(32, 128));
    expect(at(32, 256)).toBeGreaterThan(2 * at(32, 128));
    expect(at(32, 128, 13)).toBeGreaterThan(at(32, 128, 12));
    // Padding costs its place in the attention probabilities alone.
    const padded = activationBytes(base, { B: 32, S: 128, T: 1000 });
    expect(padded).toBeLessThan(at(32, 128) / 2);
  });

  it("is of the right order: some gigabytes for BERT base at 32 x 128", () => {
    const gigabytes = activationBytes(base, { B: 32, S: 128, T: 4096 }) / 1e9;
    expect(gigabytes).toBeGreaterThan(1);
    expect(gigabytes).toBeLessThan(6);
  });
});

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
