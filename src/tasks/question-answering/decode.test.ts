import { describe, expect, it } from "vitest";
import { AnswerCollector, type Candidate, DECODE_DEFAULTS, windowCandidates } from "./decode.ts";

/** Repeatable logits [length, 2] in steps of 1/4, so that equal scores are common. */
function randomLogits(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: 2 * length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * 40 - 20) / 4;
  });
}

/** Every allowed span of a window, best first. */
function allSpans(logits: Float32Array, firstLength: number, firstToken: number, most: number): Candidate[] {
  const spans: Candidate[] = [];
  for (let i = firstLength; i < logits.length / 2 - 1; i++) {
    for (let j = i; j < logits.length / 2 - 1; j++) {
      if (j - i + 1 > most) continue;
      const [startLogit, endLogit] = [logits[2 * i], logits[2 * j + 1]];
      const at = firstToken - firstLength;
      spans.push({ start: i + at, end: j + at, startLogit, endLogit, score: startLogit + endLogit });
    }
  }
  return sorted(spans);
}

const sorted = (spans: Candidate[]) =>
  spans.sort((a, b) => b.score - a.score || a.start - b.start || a.end - b.end);

/** Logits of a window `[CLS] q [SEP] passage [SEP]` from pairs [start, end] of the passage's tokens. */
function logitsOf(passage: [number, number][], cls: [number, number] = [0, 0]): Float32Array {
  return Float32Array.from([cls, [90, 90], [90, 90], ...passage, [90, 90]].flat());
}
const WINDOW = { firstLength: 3, firstToken: 0 };

describe("windowCandidates", () => {
  it.each([
    [12, 5, 0, 3, 20],
    [40, 9, 100, 30, 20],
    [60, 2, 7, 8, 50],
    [60, 2, 7, 1, 5],
    [300, 20, 0, 30, 1],
    [6, 3, 0, 30, 20],
  ])(
    "finds exactly the best spans (length %i, question %i, first %i, longest %i, best %i)",
    (length, firstLength, firstToken, maxAnswerLength, nBest) => {
      for (let seed = 1; seed <= 20; seed++) {
        const logits = randomLogits(length, seed);
        const { candidates } = windowCandidates(
          logits,
          { firstLength, firstToken },
          { maxAnswerLength, nBest },
        );
        const expected = allSpans(logits, firstLength, firstToken, maxAnswerLength);
        expect(candidates).toEqual(expected.slice(0, nBest));
      }
    },
  );

  it("leaves out the question, special tokens, and ends before starts", () => {
    const logits = logitsOf([
      [1, 9],
      [9, 1],
    ]);
    const spans = windowCandidates(logits, WINDOW).candidates.map(({ start, end, score }) => [
      start,
      end,
      score,
    ]);
    expect(spans).toEqual([
      [0, 0, 10],
      [1, 1, 10],
      [0, 1, 2],
    ]);
  });

  it("has both logits of [CLS] as the score of no answer", () => {
    expect(windowCandidates(logitsOf([[1, 1]], [2.5, -4]), WINDOW).noAnswer).toEqual({
      startLogit: 2.5,
      endLogit: -4,
      score: -1.5,
    });
  });

  it("finds nothing in a window without passage tokens", () => {
    expect(windowCandidates(logitsOf([]), WINDOW).candidates).toEqual([]);
  });

  it("takes no span with a logit that is no number", () => {
    const logits = logitsOf([
      [Number.NaN, 1],
      [2, Number.NaN],
      [1, 1],
    ]);
    const spans = windowCandidates(logits, WINDOW).candidates.map(({ start, end }) => [start, end]);
    expect(spans).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });
});

describe("AnswerCollector", () => {
  const windows = Array.from({ length: 6 }, (_, i) => ({
    firstToken: 20 * i,
    logits: randomLogits(44, i + 1),
  }));
  const options = { maxAnswerLength: 10, nBest: 15 };
  const results = windows.map(({ firstToken, logits }) =>
    windowCandidates(logits, { firstLength: 9, firstToken }, options),
  );
  const collect = (given: typeof results) => {
    const collector = new AnswerCollector(options);
    for (const result of given) collector.add(result);
    return collector.finish();
  };

  it("has the best spans of all windows, each once with its better score", () => {
    const best = new Map<string, Candidate>();
    for (const { firstToken, logits } of windows) {
      for (const span of allSpans(logits, 9, firstToken, options.maxAnswerLength)) {
        const key = `${span.start}-${span.end}`;
        const other = best.get(key);
        if (!other || span.score > other.score) best.set(key, span);
      }
    }
    const expected = sorted([...best.values()]).slice(0, options.nBest);
    expect(collect(results).candidates.map(({ start, end, score }) => [start, end, score])).toEqual(
      expected.map(({ start, end, score }) => [start, end, score]),
    );
  });

  it("keeps one of a span that two windows hold", () => {
    const of = (score: number) => ({
      candidates: [{ start: 4, end: 6, startLogit: score, endLogit: 0, score }],
      noAnswer: { startLogit: 0, endLogit: 0, score: 0 },
    });
    expect(collect([of(1), of(3), of(2)]).candidates).toEqual(of(3).candidates);
  });

  it("has the smallest score of no answer", () => {
    const scores = windows.map(({ logits }) => logits[0] + logits[1]);
    expect(collect(results).noAnswer.score).toBe(Math.min(...scores));
  });

  it("does not depend on the windows' order", () => {
    const forward = collect(results).candidates.map(({ start, end, score }) => [start, end, score]);
    const backward = collect([...results].reverse()).candidates.map(({ start, end, score }) => [
      start,
      end,
      score,
    ]);
    expect(backward).toEqual(forward);
  });

  it("cannot be asked before a window came", () => {
    expect(() => new AnswerCollector(DECODE_DEFAULTS).finish()).toThrow(/internal:/);
  });
});
