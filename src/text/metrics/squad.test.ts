import { describe, expect, it } from "vitest";
import type { SquadOptions } from "./squad.ts";
import { squad } from "./squad.ts";

type Row = [text: string, golds: string[], noAnswerScore?: number];

function fed(options: SquadOptions, rows: Row[]) {
  const metric = squad(options);
  for (const [text, golds, noAnswerScore] of rows) metric.update({ text, noAnswerScore }, golds);
  return metric;
}

// Two answerable questions, one right and one half right; two unanswerable ones, the second rightly left out.
const rows: Row[] = [
  ["red fox", ["the red fox"], -2],
  ["blue fox", ["fox in house", "big fox"], 1],
  ["house", [], 3],
  ["", [], 0],
];

describe("v1.1", () => {
  it("is the mean of exact match and F1, as fractions, and nothing else", () => {
    expect(fed({}, rows.slice(0, 2)).compute()).toEqual({ exact_match: 0.5, f1: 0.75 });
  });

  it("needs no no-answer score", () => {
    expect(fed({}, [["fox", ["fox"]]]).compute()).toEqual({ exact_match: 1, f1: 1 });
  });
});

describe("v2.0", () => {
  it("tells questions with and without answers apart", () => {
    expect(fed({ unanswerable: true }, rows).compute()).toMatchObject({
      exact_match: 0.5,
      f1: 0.625,
      HasAns_exact: 0.5,
      HasAns_f1: 0.75,
      HasAns_total: 2,
      NoAns_exact: 0.5,
      NoAns_f1: 0.5,
      NoAns_total: 2,
    });
  });

  it("takes a question above the threshold, not at it, as one without an answer", () => {
    const at = (threshold: number) => fed({ unanswerable: true, threshold }, rows).compute();
    expect(at(1)).toMatchObject({ HasAns_f1: 0.75, NoAns_f1: 1, f1: 0.875 });
    expect(at(0.9)).toMatchObject({ HasAns_f1: 0.5, NoAns_f1: 1, f1: 0.75 });
    expect(at(-3)).toMatchObject({ HasAns_f1: 0, NoAns_f1: 1, f1: 0.5 });
  });

  it("finds the best threshold for each score, whatever the threshold that is set", () => {
    for (const threshold of [undefined, -10]) {
      expect(fed({ unanswerable: true, threshold }, rows).compute()).toMatchObject({
        best_exact: 0.75,
        best_exact_thresh: -2,
        best_f1: 0.875,
        best_f1_thresh: 1,
      });
    }
  });

  it("keeps 0 where no threshold is better than to answer nothing", () => {
    const values = fed({ unanswerable: true }, [
      ["fox", [], -5],
      ["house", ["fox"], -4],
    ]).compute();
    expect(values).toMatchObject({ best_exact: 0.5, best_exact_thresh: 0, best_f1: 0.5, best_f1_thresh: 0 });
  });

  it("goes through equal scores in the order of the questions, as the script does", () => {
    const right: Row = ["fox", ["fox"], 0.25];
    const wrong: Row = ["fox", [], 0.25];
    expect(fed({ unanswerable: true }, [right, wrong]).compute()).toMatchObject({
      best_exact: 1,
      best_exact_thresh: 0.25,
    });
    expect(fed({ unanswerable: true }, [wrong, right]).compute()).toMatchObject({
      best_exact: 0.5,
      best_exact_thresh: 0,
    });
  });

  it("knows a question with answers by its having them, also where they say nothing", () => {
    expect(fed({ unanswerable: true }, [["", ["the"]]]).compute()).toMatchObject({
      HasAns_exact: 1,
      HasAns_total: 1,
      NoAns_total: 0,
      NoAns_exact: 0,
    });
  });
});

it("is 0 before the first question", () => {
  const values = Object.entries(squad({ unanswerable: true }).compute());
  expect(values).toHaveLength(12);
  for (const [name, value] of values) expect(value, name).toBe(0);
});

describe("merge", () => {
  it("equals one metric that saw all questions, and leaves the other as it was", () => {
    const a = fed({ unanswerable: true }, rows.slice(0, 1));
    const b = fed({ unanswerable: true }, rows.slice(1));
    const before = b.compute();
    a.merge(b);
    expect(a.compute()).toEqual(fed({ unanswerable: true }, rows).compute());
    a.update({ text: "x" }, ["x"]);
    expect(b.compute()).toEqual(before);
  });

  it("with itself counts everything twice, with an empty one nothing", () => {
    const metric = fed({ unanswerable: true }, rows);
    metric.merge(metric);
    metric.merge(squad({ unanswerable: true }));
    expect(metric.compute()).toMatchObject({ f1: 0.625, HasAns_total: 4, NoAns_total: 4 });
  });
});

describe("bad input", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "a no-answer score of %d is refused and not counted",
    (score) => {
      const metric = squad({ unanswerable: true });
      expect(() => metric.update({ text: "x", noAnswerScore: score }, ["x"])).toThrow(
        "expected a finite no-answer score, got",
      );
      expect(metric.questions()).toEqual([]);
    },
  );

  it("a threshold that is no number is refused", () => {
    expect(() => squad({ threshold: Number.NaN })).toThrow(RangeError);
  });
});
