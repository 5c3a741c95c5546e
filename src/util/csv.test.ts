import { expect, it } from "vitest";
import { csvLine } from "./csv.ts";

it.each([
  ["plain cells as they are", ["a", 1.5, true], "a,1.5,true\n"],
  ["nothing as an empty cell", [undefined, null, ""], ",,\n"],
  ["commas and line ends in quotes", ["a,b", "c\nd", "e\rf"], '"a,b","c\nd","e\rf"\n'],
  ["quotes doubled", ['say "so"'], '"say ""so"""\n'],
  ["spaces as they are", [" a "], " a \n"],
])("writes %s", (_what, cells, line) => {
  expect(csvLine(cells)).toBe(line);
});
