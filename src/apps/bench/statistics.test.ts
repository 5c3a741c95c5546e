import { describe, expect, it } from "vitest";
import { compare, median, takeTurns } from "./statistics.ts";

describe("median", () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[10, 1, 2, 9], 5.5],
  ])("of %j is %d", (values, expected) => expect(median(values)).toBe(expected));
});

describe("compare", () => {
  it("pairs the turns: above 1, ours is faster", () => {
    expect(compare("c", "ms", [100, 50, 200], [110, 100, 150])).toEqual({
      case: "c",
      unit: "ms",
      ours: 100,
      peer: 110,
      ratio_min: 0.75,
      ratio_median: 1.1,
      ratio_max: 2,
      ours_min: 50,
      ours_max: 200,
    });
  });

  it.each([
    ["ms", 0.5],
    ["s", 0.5],
    ["MB", 0.5],
    ["tokens/s", 2],
    ["rows/s", 2],
    ["GFLOPS", 2],
  ] as const)("of %s, twice the peer's is %d", (unit, ratio) => {
    expect(compare("c", unit, [8], [4])).toMatchObject({ ratio_min: ratio, ratio_max: ratio });
  });

  it("has no ratio without a peer", () => {
    const nothing = { peer: null, ratio_min: null, ratio_median: null, ratio_max: null };
    expect(compare("c", "s", [2, 4], undefined)).toMatchObject({
      ours: 3,
      ours_min: 2,
      ours_max: 4,
      ...nothing,
    });
  });
});

describe("takeTurns", () => {
  it("runs the sides one at a time, every second turn backwards", async () => {
    const log: string[] = [];
    let running = 0;
    const side = (name: string) => async (turn: number) => {
      expect(++running).toBe(1);
      log.push(`${name}${turn}`);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return log.length;
    };
    const values = await takeTurns(3, [side("a"), side("b"), side("c")]);
    expect(log.join(" ")).toBe("a0 b0 c0 c1 b1 a1 a2 b2 c2");
    expect(values).toEqual([
      [1, 6, 7],
      [2, 5, 8],
      [3, 4, 9],
    ]);
  });
});
