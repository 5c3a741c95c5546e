/** Rows that count several times or not at all: the metrics are those of the same rows written so often. */
import { describe, expect, it } from "vitest";
import { hash32 } from "../../util/random.ts";
import { classification } from "./classification.ts";
import { classRows, entityRows, labelSetRows, tagRows } from "./counted-rows.ts";
import { entities } from "./entities.ts";
import { multiLabel } from "./multi-label.ts";
import { Pairs, regression } from "./regression.ts";
import { ScoredQuestions, squad } from "./squad.ts";
import { tags } from "./tags.ts";

const ROWS = 40;
const pick = (count: number, ...key: number[]) => hash32(...key) % count;
const WEIGHTS = Uint32Array.from({ length: ROWS }, (_, row) => pick(4, row, 77));
const numbers = Array.from({ length: ROWS }, (_, row) => row);
/** The numbers of rows, each as often as it counts. */
const repeated = numbers.flatMap((row) => new Array<number>(WEIGHTS[row]).fill(row));

function expectClose(actual: Record<string, number>, expected: Record<string, number>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) expect(actual[name], name).toBeCloseTo(value, 10);
}

/** `metricsOf`: the metrics of rows by their numbers, as the metric itself has them. */
function check(
  rows: { metrics(weights?: ArrayLike<number>): Record<string, number> },
  metricsOf: (rows: readonly number[]) => Record<string, number>,
): void {
  expectClose(rows.metrics(), metricsOf(numbers));
  expectClose(rows.metrics(WEIGHTS), metricsOf(repeated));
}

describe("weighted rows", () => {
  it.each([2, 4])("of %i classes", (labels) => {
    const pair = (row: number) => [pick(labels, row, 1), pick(labels, row, 2)] as const;
    const { rows, add } = classRows({ labels, positive: 0 });
    for (const row of numbers) add(...pair(row));
    check(rows, (list) => {
      const metric = classification({ labels, positive: 0 });
      for (const row of list) metric.update(...pair(row));
      return metric.compute();
    });
  });

  it("of several labels", () => {
    const bits = (row: number, what: number) => Uint8Array.from([0, 1, 2], (i) => pick(2, row, what, i));
    const { rows, add } = labelSetRows({ labels: 3 });
    for (const row of numbers) add(bits(row, 1), bits(row, 2));
    check(rows, (list) => {
      const metric = multiLabel({ labels: 3 });
      for (const row of list) metric.update(bits(row, 1), bits(row, 2));
      return metric.compute();
    });
  });

  it("of numbers, with ties", () => {
    const value = (row: number, what: number) => pick(9, row, what) / 2;
    const column = (what: number) => Float64Array.from(numbers, (row) => value(row, what));
    check(new Pairs(column(1), column(2)), (list) => {
      const metric = regression();
      for (const row of list) metric.update(value(row, 1), value(row, 2));
      return metric.compute();
    });
  });

  it("of numbers that are all the same where they count", () => {
    const { pearson, spearmanr, mae } = new Pairs(Float64Array.of(1, 1, 2), Float64Array.of(1, 2, 3)).metrics(
      [1, 3, 0],
    );
    expect([pearson, spearmanr, mae]).toEqual([0, 0, 0.75]);
  });

  const TAGS = ["O", "B-X", "I-X", "B-Y", "I-Y"];
  const sentence = (row: number, what: number) =>
    Array.from({ length: 1 + (row % 6) }, (_, word) => TAGS[pick(5, row, what, word)]);

  it("of entities", () => {
    const { rows, add } = entityRows();
    for (const row of numbers) {
      const one = entities({ mode: "default" });
      one.update(sentence(row, 1), sentence(row, 2));
      add(one.counts());
    }
    check(rows, (list) => {
      const metric = entities({ mode: "default" });
      for (const row of list) metric.update(sentence(row, 1), sentence(row, 2));
      return metric.compute();
    });
  });

  it("of entities of which a type is in no row that counts", () => {
    const { rows, add } = entityRows();
    for (const tag of ["B-X", "B-Y"]) {
      const one = entities({ mode: "default" });
      one.update([tag], [tag]);
      add(one.counts());
    }
    expect(rows.metrics([1, 0]).macro_f1).toBe(1);
  });

  it("of tags", () => {
    const { rows, add } = tagRows();
    for (const row of numbers) add(sentence(row, 1), sentence(row, 2));
    check(rows, (list) => {
      const metric = tags({ labels: TAGS });
      for (const row of list) metric.update(sentence(row, 1), sentence(row, 2));
      return metric.compute();
    });
  });

  const WORDS = ["red", "green house", "fox", ""];
  const question = (row: number) =>
    [
      { text: WORDS[pick(4, row, 1)], noAnswerScore: pick(7, row, 3) / 7 },
      row % 3 === 0 ? [] : [WORDS[pick(3, row, 2)]],
    ] as const;

  it.each([{}, { unanswerable: true }, { unanswerable: true, threshold: 0.4 }])(
    "of answers with %j",
    (options) => {
      const all = squad(options);
      for (const row of numbers) all.update(...question(row));
      check(new ScoredQuestions(all.questions(), options), (list) => {
        const metric = squad(options);
        for (const row of list) metric.update(...question(row));
        return metric.compute();
      });
    },
  );
});
