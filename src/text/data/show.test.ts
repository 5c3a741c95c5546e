import { expect, it } from "vitest";
import { show, showList } from "./show.ts";

it("show keeps a value on one line and short", () => {
  expect(show("a\r\nb\tc")).toBe('"a b c"');
  expect(show("x".repeat(41))).toBe(`"${"x".repeat(39)}…"`);
  expect(show("x".repeat(40))).toBe(`"${"x".repeat(40)}"`);
});

it("showList says how many more there are", () => {
  expect(showList(["a", "b"], 2)).toBe('"a", "b"');
  expect(showList(["a", "b", "c"], 2)).toBe('"a", "b" and 1 more');
});
