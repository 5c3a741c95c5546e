import { describe, expect, it } from "vitest";
import { entitiesOf } from "./entities.ts";

describe("entities of words", () => {
  it("have type, mean probability and words", () => {
    const tags = ["O", "B-PER", "I-PER", "B-PER", "O", "B-LOC"];
    expect(entitiesOf(tags, [1, 0.5, 0.75, 0.25, 1, 0.5], "IOB2")).toEqual([
      { label: "PER", score: 0.625, start: 1, end: 3 },
      { label: "PER", score: 0.25, start: 3, end: 4 },
      { label: "LOC", score: 0.5, start: 5, end: 6 },
    ]);
  });

  it("are none where all is O, or nothing", () => {
    expect(entitiesOf(["O", "O"], [1, 1], "IOB2")).toEqual([]);
    expect(entitiesOf([], [], "IOB2")).toEqual([]);
  });
});
