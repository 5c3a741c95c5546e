import { describe, expect, it } from "vitest";
import { uniform } from "../util/random.ts";
import { binRows } from "./bins.ts";

describe("binRows", () => {
  it("puts the longest rows first, each into the first bin with room", () => {
    const { count, starts } = binRows([2, 7, 3, 5, 4], 8);
    // 7 | 5 3 | 4 2
    expect(count).toBe(3);
    expect([...starts]).toEqual([20, 0, 13, 8, 16]);
  });

  it("gives rows that fill a line one each, and none to no rows", () => {
    expect(binRows([4, 4, 4], 4)).toEqual({ count: 3, starts: Uint32Array.of(0, 4, 8) });
    expect(binRows([], 4)).toEqual({ count: 0, starts: new Uint32Array() });
  });

  it.each([1, 2, 3, 4, 5])("lets no two rows overlap, nor one reach into the next bin: seed %i", (seed) => {
    const width = 40;
    const lengths = Array.from({ length: 64 }, (_, row) => 1 + Math.floor(uniform(seed, row) * width));
    const { count, starts } = binRows(lengths, width);
    const owner = new Map<number, number>();
    lengths.forEach((length, row) => {
      expect(Math.floor(starts[row] / width)).toBe(Math.floor((starts[row] + length - 1) / width));
      for (let s = 0; s < length; s++) {
        expect(owner.has(starts[row] + s)).toBe(false);
        owner.set(starts[row] + s, row);
      }
    });
    const tokens = lengths.reduce((a, b) => a + b);
    expect(Math.max(...owner.keys())).toBeLessThan(count * width);
    // First fit leaves at most one bin half empty.
    expect(count).toBeLessThanOrEqual(Math.ceil((2 * tokens) / width));
  });
});
