/** Label sets: order, slips, and labels that training does not know. */
import { describe, expect, it } from "vitest";
import { InputError } from "../../util/errors.ts";
import {
  compareCodePoints,
  describeSimilar,
  LabelCollector,
  lookLikeScores,
  similarLabels,
  unknownLabel,
} from "./labels.ts";

function collect(labels: string[]): LabelCollector {
  const collector = new LabelCollector();
  for (const [i, label] of labels.entries()) collector.add(label, i + 2);
  return collector;
}

describe("LabelCollector", () => {
  it("sorts as Python does, and says where each first number went", () => {
    const collector = new LabelCollector();
    const ids = ["b", "B", "10", "2", "b"].map((label, i) => collector.add(label, i));
    expect(ids).toEqual([0, 1, 2, 3, 0]);
    const set = collector.finish({ name: "train.csv", allowSimilarLabels: true });
    expect(set.labels).toEqual(["10", "2", "B", "b"]);
    expect(set.counts).toEqual([1, 1, 1, 2]);
    expect(ids.map((id) => set.labels[set.order[id]])).toEqual(["b", "B", "10", "2", "b"]);
  });

  it("refuses a single label, unless rows may have none of it", () => {
    expect(() => collect(["x", "x"]).finish({ name: "train.csv" })).toThrow(
      'train.csv: every row has the label "x"; a classifier needs at least two.\nIs this the right --label-column? For numbers add --problem-type regression.',
    );
    expect(collect(["x"]).finish({ name: "train.csv", multi: true }).labels).toEqual(["x"]);
    expect(() => collect([]).finish({ name: "train.csv", multi: true })).toThrow(
      "train.csv: no row has a label.",
    );
  });

  it("refuses labels that differ only in case or white space", () => {
    const labels = ["Billing", "Billing", "billing", "other"];
    expect(() => collect(labels).finish({ name: "train.csv" })).toThrow(
      'Labels "Billing" (2) and "billing" (1) differ only in case.\nMake them one in train.csv ("billing" is first in line 4), or add --allow-similar-labels.',
    );
    expect(() => collect(["a b", "a  b"]).finish({ name: "f" })).toThrow("differ only in white space.");
    expect(() => collect(["a b", "A  b"]).finish({ name: "f" })).toThrow(
      "differ only in case and white space.",
    );
    expect(() => collect(labels).finish({ name: "train.csv" })).toThrow(InputError);
    expect(collect(labels).finish({ name: "f", allowSimilarLabels: true }).labels).toEqual([
      "Billing",
      "billing",
      "other",
    ]);
  });
});

it("compareCodePoints puts a character beyond the basic plane after all others", () => {
  // Python: sorted(["\U0001F600", "\uFF5E", "a", "", "ab", "\uE000"])
  const sorted = ["\u{1F600}", "\uFF5E", "a", "", "ab", "\uE000"].sort(compareCodePoints);
  expect(sorted).toEqual(["", "a", "ab", "\uE000", "\uFF5E", "\u{1F600}"]);
});

it("similarLabels lists groups, the most frequent first", () => {
  const counts = [
    { label: "no", count: 1 },
    { label: "NO", count: 5 },
    { label: "No", count: 3 },
    { label: "yes", count: 9 },
  ];
  const groups = similarLabels(counts);
  expect(groups.map((group) => group.map(({ label }) => label))).toEqual([["NO", "No", "no"]]);
  expect(describeSimilar(groups[0])).toBe('Labels "NO" (5), "No" (3) and "no" (1) differ only in case');
});

describe("unknownLabel", () => {
  it("names label, place and what is known", () => {
    expect(
      unknownLabel("neutral", { name: "dev.tsv", line: 88 }, ["contradiction", "entailment"]).message,
    ).toBe(
      'dev.tsv:88: label "neutral" is not in the training data, which has "contradiction", "entailment".\nCorrect the row, or train on rows with this label.',
    );
  });

  it("suggests the near one and cuts long lists", () => {
    const known = Array.from({ length: 50 }, (_, i) => `label${i}`);
    const { message } = unknownLabel("Label7", { name: "dev.tsv", line: 3 }, known);
    expect(message).toContain('"label9" and 40 more.\nDid you mean "label7"?');
  });
});

it("lookLikeScores: numbers, not all of them whole", () => {
  expect(lookLikeScores(["5.000", "4.75"])).toBe(true);
  expect(lookLikeScores(["0", "1", "2.0"])).toBe(false);
  expect(lookLikeScores(["0.5", "good"])).toBe(false);
  expect(lookLikeScores(["0.5", ""])).toBe(false);
  expect(lookLikeScores([])).toBe(false);
});
