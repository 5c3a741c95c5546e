import { describe, expect, it } from "vitest";
import { answersOf } from "./answers.ts";
import type { Candidate, SpanCandidates } from "./decode.ts";

const CONTEXT = "Ōmura 😀 met\u00a0Ilse.";
/** Tokens: Ōmura, 😀, met, Ilse, "." */
const OFFSETS = Int32Array.of(0, 5, 6, 8, 9, 12, 13, 17, 17, 18);

const candidate = (start: number, end: number, score: number): Candidate => ({
  start,
  end,
  startLogit: score - 1,
  endLogit: 1,
  score,
});
const merged = (noAnswer: number, ...candidates: Candidate[]): SpanCandidates => ({
  candidates,
  noAnswer: { startLogit: noAnswer, endLogit: 0, score: noAnswer },
});
const texts = ({ nBest }: ReturnType<typeof answersOf>) => nBest.map(({ answer }) => answer);

describe("answersOf", () => {
  const three = [candidate(1, 3, 5), candidate(0, 0, 4), candidate(3, 3, 2)];

  it("cuts answers out of the passage, with offsets for slice", () => {
    const { best, nBest } = answersOf(CONTEXT, OFFSETS, merged(0, ...three));
    expect(best).toMatchObject({ answer: "😀 met\u00a0Ilse", start: 6, end: 17 });
    expect(nBest.map(({ answer }) => answer)).toEqual(["😀 met\u00a0Ilse", "Ōmura", "Ilse"]);
    for (const { answer, start, end } of nBest) expect(CONTEXT.slice(start, end)).toBe(answer);
  });

  it("has the softmax of the n best scores, and their logits", () => {
    const { best, nBest } = answersOf(CONTEXT, OFFSETS, merged(100, ...three));
    const sum = Math.exp(5) + Math.exp(4) + Math.exp(2);
    expect(nBest.map(({ score }) => score)).toEqual([
      expect.closeTo(Math.exp(5) / sum, 12),
      expect.closeTo(Math.exp(4) / sum, 12),
      expect.closeTo(Math.exp(2) / sum, 12),
    ]);
    expect(best.score).toBe(nBest[0].score);
    expect(nBest[1]).toMatchObject({ startLogit: 3, endLogit: 1 });
  });

  it("stays finite where scores are large", () => {
    const large = merged(0, candidate(0, 0, 5000), candidate(1, 1, 4000));
    expect(answersOf(CONTEXT, OFFSETS, large).nBest.map(({ score }) => score)).toEqual([1, 0]);
  });

  it("answers always where no threshold is given", () => {
    const answers = answersOf(CONTEXT, OFFSETS, merged(100, ...three));
    expect(answers.best.answer).toBe("😀 met\u00a0Ilse");
    expect(texts(answers)).not.toContain("");
    expect(answers).not.toHaveProperty("scoreDiff");
  });

  it.each([
    [6, 0, ""],
    [6, 1, "😀 met\u00a0Ilse"], // a difference equal to the threshold is an answer
    [6, 0.9, ""],
    [5, 0, "😀 met\u00a0Ilse"],
    [2, -4, ""],
    [2, -3, "😀 met\u00a0Ilse"],
  ])("no answer of score %d, threshold %d: %j", (noAnswer, nullScoreDiffThreshold, expected) => {
    const answers = answersOf(CONTEXT, OFFSETS, merged(noAnswer, ...three), { nullScoreDiffThreshold });
    expect(answers.best.answer).toBe(expected);
    expect(answers.bestSpan.answer).toBe("😀 met\u00a0Ilse");
    expect(answers.scoreDiff).toBe(noAnswer - 5);
    expect(answers.nBest.map(({ score }) => score).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  it("has no answer at 0 to 0 with its probability and logits", () => {
    const { best, nBest } = answersOf(CONTEXT, OFFSETS, merged(5, candidate(0, 0, 4)), {
      nullScoreDiffThreshold: 0,
    });
    const score = 1 / (1 + Math.exp(-1));
    expect(best).toEqual({ answer: "", start: 0, end: 0, score: expect.closeTo(score, 12) });
    expect(nBest[0]).toMatchObject({ answer: "", startLogit: 5, endLogit: 0 });
  });

  it.each([
    [6, 3, ["", "😀 met\u00a0Ilse", "Ōmura"]], // takes the last one's place
    [5, 3, ["😀 met\u00a0Ilse", "", "Ōmura"]], // behind an equal one
    [1, 3, ["😀 met\u00a0Ilse", "Ōmura", "Ilse", ""]], // one more where it is not among the 3
    [1, 9, ["😀 met\u00a0Ilse", "Ōmura", "Ilse", ""]],
    [3, 1, ["😀 met\u00a0Ilse", ""]],
    [6, 1, ["", "😀 met\u00a0Ilse"]], // one span stays
  ])("ranks no answer of score %d among the %d best", (noAnswer, nBest, expected) => {
    const options = { nBest, nullScoreDiffThreshold: 0 };
    expect(texts(answersOf(CONTEXT, OFFSETS, merged(noAnswer, ...three), options))).toEqual(expected);
  });

  it("keeps no more than nBest", () => {
    expect(texts(answersOf(CONTEXT, OFFSETS, merged(0, ...three), { nBest: 2 }))).toHaveLength(2);
  });

  it("ranks more answers than a call has room for arguments", () => {
    const many = Array.from({ length: 200_000 }, () => candidate(0, 0, 1));
    const { nBest } = answersOf(CONTEXT, OFFSETS, { ...merged(0), candidates: many }, { nBest: many.length });
    expect(nBest).toHaveLength(many.length);
    expect(nBest[0].score).toBeCloseTo(1 / many.length, 12);
  });

  it("gives no answer for a passage without tokens", () => {
    const none = { answer: "", start: 0, end: 0, score: 0 };
    expect(answersOf("", new Int32Array(), merged(1))).toEqual({ best: none, bestSpan: none, nBest: [] });
    const withNull = answersOf("", new Int32Array(), merged(1), { nullScoreDiffThreshold: 0 });
    expect(withNull).toMatchObject({ best: { answer: "", score: 1 }, bestSpan: none, scoreDiff: 1 });
    expect(texts(withNull)).toEqual([""]);
  });
});
