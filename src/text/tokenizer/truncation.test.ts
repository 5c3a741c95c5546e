import { describe, expect, it } from "vitest";
import { InputError } from "../../util/errors.ts";
import { pairWindows, truncatedLengths, windowSpans } from "./truncation.ts";

describe("truncatedLengths", () => {
  it.each([
    // both lengths, room, what longest_first leaves
    [[5, 5], 10, [5, 5]],
    [[9, 3], 10, [7, 3]],
    [[3, 9], 10, [3, 7]],
    [[9, 9], 10, [5, 5]],
    [[9, 9], 9, [4, 5]],
    [[10, 9], 9, [5, 4]],
    [[9, 10], 9, [4, 5]],
    [[6, 5], 10, [5, 5]],
    [[9, 9], 1, [0, 1]],
    [[10, 9], 1, [1, 0]],
    [[9, 0], 4, [4, 0]],
    [[9, 9], 0, [0, 0]],
  ] as const)("longest_first: %j into %i", (lengths, room, expected) => {
    expect(truncatedLengths(lengths, room, "longest_first")).toEqual(expected);
  });

  it.each([
    ["only_first", [9, 3], 10, [7, 3]],
    ["only_second", [3, 9], 10, [3, 7]],
    ["only_first", [9, 9], 0, [0, 0]],
    ["do_not_truncate", [9, 9], 0, [9, 9]],
  ] as const)("%s: %j into %i", (strategy, lengths, room, expected) => {
    expect(truncatedLengths(lengths, room, strategy)).toEqual(expected);
  });

  it("refuses to empty the sequence that must give way, or one that is not there", () => {
    expect(() => truncatedLengths([3, 9], 9, "only_first")).toThrow(InputError);
    expect(() => truncatedLengths([9, 0], 8, "only_second")).toThrow(InputError);
  });
});

describe("windowSpans", () => {
  it("ends with the first window that reaches the end", () => {
    expect(windowSpans(10, 4, 1)).toEqual([
      [0, 4],
      [3, 7],
      [6, 10],
    ]);
    expect(windowSpans(11, 4, 1)).toEqual([
      [0, 4],
      [3, 7],
      [6, 10],
      [9, 11],
    ]);
    expect(windowSpans(4, 4, 3)).toEqual([[0, 4]]);
    expect(windowSpans(0, 0, 0)).toEqual([[0, 0]]);
  });

  it("refuses windows that would not go on", () => {
    expect(() => windowSpans(5, 4, 4)).toThrow(InputError);
    expect(() => windowSpans(5, 0, 0)).toThrow(InputError);
  });
});

it("pairWindows goes through both in the reference's order", () => {
  const order = pairWindows(
    [
      [0, 1],
      [1, 2],
    ],
    [
      [5, 6],
      [6, 7],
    ],
  ).map(([a, b]) => `${a[0]}${b[0]}`);
  expect(order).toEqual(["05", "15", "16", "06"]);
});
