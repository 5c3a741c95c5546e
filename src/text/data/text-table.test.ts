/** The table of seen texts: no text lost while it grows, none confused. */
import { expect, it } from "vitest";
import { hashText, TextTable } from "./text-table.ts";

it("remembers the first row of each of 100,000 texts", () => {
  const table = new TextTable();
  for (let i = 0; i < 100_000; i++) expect(table.findOrAdd(`text ${i}`, undefined, i, i % 7)).toBeUndefined();
  for (let i = 0; i < 100_000; i += 997) {
    expect(table.find(`text ${i}`, undefined)).toEqual({ line: i, label: i % 7 });
    expect(table.findOrAdd(`text ${i}`, undefined, -5, 0)).toEqual({ line: i, label: i % 7 });
  }
  expect(table.find("text 100000", undefined)).toBeUndefined();
});

it("keeps apart where a pair is cut, and one text from a pair", () => {
  const table = new TextTable();
  table.findOrAdd("ab", "c", 1, 0);
  expect(table.find("a", "bc")).toBeUndefined();
  expect(table.find("abc", undefined)).toBeUndefined();
  expect(table.find("ab", undefined)).toBeUndefined();
  expect(table.find("ab", "c")).toEqual({ line: 1, label: 0 });
});

it("hashes 200,000 near strings with about as many collisions as chance gives", () => {
  const hashes = new Set(Array.from({ length: 200_000 }, (_, i) => hashText(i.toString(36))));
  // Expected collisions in 32 bits: n^2 / 2^33 = 4.7.
  expect(200_000 - hashes.size).toBeLessThan(20);
});
