/** The errors that callers tell apart, and the name that was probably meant. */
import { describe, expect, it } from "vitest";
import { InputError, nearMiss, UsageError } from "./errors.ts";

describe("errors", () => {
  it("are told apart by class and by name", () => {
    expect(new UsageError("x")).toBeInstanceOf(InputError);
    expect(new InputError("x")).not.toBeInstanceOf(UsageError);
    expect([new InputError("x").name, new UsageError("x").name]).toEqual(["InputError", "UsageError"]);
  });

  it("keep their cause", () => {
    const cause = new Error("below");
    expect(new InputError("above", { cause }).cause).toBe(cause);
  });
});

describe("nearMiss", () => {
  const OPTIONS = ["train", "validation", "output", "learning-rate"];

  it.each([
    ["a missing letter", "validaton", "validation"],
    ["a letter too many", "outputt", "output"],
    ["a wrong letter", "trein", "train"],
    ["two letters swapped", "ouptut", "output"],
    ["a short word with two letters swapped", "tarin", "train"],
    ["another case", "LEARNING-RATE", "learning-rate"],
    ["an underscore", "learning_rate", "learning-rate"],
  ])("finds %s", (_what, given, meant) => {
    expect(nearMiss(given, OPTIONS)).toBe(meant);
  });

  it("counts a swap as one mistake, not two", () => {
    // Three letters allow one mistake.
    expect(nearMiss("dya", ["day"])).toBe("day");
    expect(nearMiss("dxx", ["day"])).toBeUndefined();
  });

  it.each(["", "verbose", "x"])("finds nothing like %j", (given) => {
    expect(nearMiss(given, OPTIONS)).toBeUndefined();
  });

  it("takes the nearest, and the first of equally near ones", () => {
    expect(nearMiss("positve", ["negative", "positives", "positive"])).toBe("positive");
    expect(nearMiss("cat", ["bat", "hat"])).toBe("bat");
  });

  it("takes any iterable", () => {
    expect(nearMiss("trian", new Map([["train", 1]]).keys())).toBe("train");
    expect(nearMiss("train", [])).toBeUndefined();
  });
});
