import { describe, expect, it } from "vitest";
import { tags } from "./tags.ts";

const LABELS = ["NOUN", "VERB", "X"];

/** Sentences as `[prediction, reference]`, tags apart by spaces. */
function fed(...sentences: [string, string][]) {
  const metric = tags({ labels: LABELS });
  for (const [prediction, reference] of sentences) metric.update(prediction.split(" "), reference.split(" "));
  return metric;
}

const first: [string, string] = ["NOUN VERB NOUN", "NOUN VERB VERB"];
const second: [string, string] = ["NOUN VERB", "NOUN INTJ"];

describe("words", () => {
  const metric = fed(first, second);

  it("are right or wrong", () => expect(metric.compute().accuracy).toBe(3 / 5));

  it("give each tag its scores, without those that never occur", () => {
    expect(metric.perTag()).toEqual([
      { name: "INTJ", precision: 0, recall: 0, f1: 0, support: 1 },
      { name: "NOUN", precision: 2 / 3, recall: 1, f1: 4 / 5, support: 2 },
      { name: "VERB", precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 },
    ]);
  });

  it("average as scikit-learn's, over tags that occur", () => {
    const values = metric.compute();
    expect(values.macro_precision).toBeCloseTo((0 + 2 / 3 + 1 / 2) / 3, 12);
    expect(values.macro_recall).toBeCloseTo((0 + 1 + 1 / 2) / 3, 12);
    expect(values.macro_f1).toBeCloseTo((0 + 4 / 5 + 1 / 2) / 3, 12);
    expect(values.weighted_f1).toBeCloseTo((2 * (4 / 5) + 2 * (1 / 2)) / 5, 12);
  });

  it("have a confusion with the model's tags first and tags it does not know after them", () => {
    expect(metric.confusion()).toEqual({
      tags: ["NOUN", "VERB", "X", "INTJ"],
      counts: [
        [2, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 1, 0, 0],
      ],
    });
  });
});

it("is 0 before the first word", () => {
  for (const [name, value] of Object.entries(tags({ labels: LABELS }).compute())) expect(value, name).toBe(0);
});

it("merges into what one metric of all sentences gives, and leaves the other as it was", () => {
  const a = fed(first);
  const b = fed(second);
  const before = b.confusion();
  a.merge(b);
  expect(a.compute()).toEqual(fed(first, second).compute());
  expect(a.confusion()).toEqual(fed(first, second).confusion());
  a.update(["NOUN"], ["INTJ"]);
  expect(b.confusion()).toEqual(before);
});

it("refuses sentences of two lengths and does not count them", () => {
  const metric = fed(first);
  expect(() => metric.update(["NOUN", "X"], ["NOUN"])).toThrow(
    "tags: expected 1 tags, one a word of the reference, got 2",
  );
  expect(metric.confusion()).toEqual(fed(first).confusion());
});
