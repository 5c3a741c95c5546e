import { describe, expect, it } from "vitest";
import { answerScores, normalizeAnswer } from "./answers.ts";

describe("normalizeAnswer", () => {
  it.each([
    ["The  Quick, brown fox!", "quick brown fox"],
    ["a an the", ""],
    ["Theatre an-other banana", "theatre another banana"],
    // Punctuation goes first: what it separated may become an article, or cease to be one.
    ["t.h.e end", "end"],
    ["the-end", "theend"],
    ["(a) plan_b", "planb"],
    ["$1,000.50", "100050"],
    ["1895–1943 “q”", "1895–1943 “q”"],
    // The end of a word is Python's, of any script: no article in these.
    ["thé théa aé anß the²", "thé théa aé anß the²"],
    ["这a是 a是 是 a", "这a是 a是 是"],
    // A mark is no letter to Python, so an article ends before it.
    ["a\u0301 x", "\u0301 x"],
    ["𝔘the the𝔘", "𝔘the the𝔘"],
    ["–the–", "– –"],
    ["ΟΔΟΣ İ", "οδος i\u0307"],
  ])("%j is %j", (text, normal) => expect(normalizeAnswer(text)).toBe(normal));

  it("splits at Python's white space, which is not JavaScript's", () => {
    expect(normalizeAnswer("x\x1cy\x1fz\x85x\xa0y\u2009z\u3000x\n\ty")).toBe("x y z x y z x y");
    expect(normalizeAnswer("x\ufeffy\u200bz")).toBe("x\ufeffy\u200bz");
  });
});

describe("answerScores", () => {
  it("counts shared words as often as both have them", () => {
    expect(answerScores("x x y", ["x z x x"])).toEqual({ exact: 0, f1: (2 * 2) / (3 + 4) });
    expect(answerScores("y x", ["x y"])).toEqual({ exact: 0, f1: 1 });
    expect(answerScores("x", ["y"])).toEqual({ exact: 0, f1: 0 });
  });

  it("takes the best of the gold answers, for each score", () => {
    expect(answerScores("red fox", ["the red fox", "red"])).toEqual({ exact: 1, f1: 1 });
    expect(answerScores("big red fox", ["house", "red fox", "red"])).toEqual({ exact: 0, f1: 0.8 });
  });

  it("wants nothing where there is no gold answer, or none that says something", () => {
    for (const golds of [[], [""], ["The", "."]]) {
      expect(answerScores("", golds)).toEqual({ exact: 1, f1: 1 });
      expect(answerScores("an", golds)).toEqual({ exact: 1, f1: 1 });
      expect(answerScores("fox", golds)).toEqual({ exact: 0, f1: 0 });
    }
  });

  it("leaves gold answers out that normalise to nothing beside others", () => {
    expect(answerScores("", ["the", "fox"])).toEqual({ exact: 0, f1: 0 });
    expect(answerScores("fox", [".", "fox"])).toEqual({ exact: 1, f1: 1 });
  });
});
