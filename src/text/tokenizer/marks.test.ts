import { expect, it } from "vitest";
import { endWithMarks } from "./marks.ts";

it("takes in the marks that follow, and nothing else", () => {
  const text = "e\u0301te\u0301\u0323 a ❤\ufe0f";
  expect(endWithMarks(text, 4)).toBe(6);
  expect(endWithMarks(text, 3)).toBe(3);
  expect(endWithMarks(text, text.length - 1)).toBe(text.length);
  expect(endWithMarks(text, text.length)).toBe(text.length);
});

it("stops where the next word begins", () => {
  expect(endWithMarks("李\u0301\u0301", 1, 2)).toBe(2);
  expect(endWithMarks("李\u0301", 1, 1)).toBe(1);
  expect(endWithMarks("ab", 1, 0)).toBe(1);
});
