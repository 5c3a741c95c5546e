import { expect, it } from "vitest";
import { WordCache } from "./word-cache.ts";

const fill = (cache: WordCache<number>, from: number, to: number) => {
  for (let i = from; i < to; i++) cache.set(`word ${i}`, i);
};

it("keeps words in use and forgets the others", () => {
  const cache = new WordCache<number>();
  cache.set("kept", -1);
  for (let round = 0; round < 8; round++) {
    fill(cache, round * 20_000, (round + 1) * 20_000);
    expect(cache.get("kept")).toBe(-1);
  }
  expect(cache.get("word 0")).toBeUndefined();
  expect(cache.get("word 159999")).toBe(159_999);
});

it("does not take words that are too long to come again", () => {
  const cache = new WordCache<number>();
  cache.set("x".repeat(49), 1);
  cache.set("x".repeat(48), 2);
  expect([cache.get("x".repeat(49)), cache.get("x".repeat(48))]).toEqual([undefined, 2]);
});
