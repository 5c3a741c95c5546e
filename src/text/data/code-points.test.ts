import { describe, expect, it } from "vitest";
import { codePointsOf } from "./code-points.ts";

describe("codePointsOf", () => {
  it.each([
    ["", 0, [0]],
    ["né", 2, [0, 1, 2]],
    ["a🙂b", 3, [0, 1, 3, 4]],
    ["𝒳𝒴", 2, [0, 2, 4]],
    ["\ud83dx🙂", 3, [0, 1, 2, 4]],
  ])("counts %j", (text, length, utf16) => {
    const points = codePointsOf(text);
    expect(points.length).toBe(length);
    expect(utf16.map((_, offset) => points.toUtf16(offset))).toEqual(utf16);
  });
});
