/** Predictions of each task as they are counted, grouped and sampled for the page. */
import { describe, expect, it } from "vitest";
import type { Matrix, Outcome } from "../report-data.ts";
import { AnswerTally } from "./answers.ts";
import { CalibrationTally } from "./calibration.ts";
import { ClassTally } from "./classes.ts";
import { EntityTally, type TagsLine } from "./entities.ts";
import { markedText, matchEntities } from "./entity-matches.ts";
import { LabelsTally } from "./labels.ts";
import { NumberTally } from "./numbers.ts";
import { Samples } from "./samples.ts";
import { WordTagTally } from "./word-tags.ts";

/** What lines have beside the row. */
const ROW = { file: "dev.tsv", line: 1, loss: null };

/** Counts of a matrix by `line > column`, but for zeros. */
function countsOf({ lines, columns, cells }: Matrix): Record<string, number> {
  const counts = lines.flatMap((line, i) =>
    columns.map((column, j) => [`${line} > ${column}`, cells[i][j].count] as const),
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** Texts of the samples of a group. */
function samplesOf({ samples, groups }: Outcome, key: string): string[] {
  const position = groups.findIndex((group) => group.key === key);
  return samples
    .filter((sample) => sample.groups.includes(position))
    .map(({ text }) => text.map((part) => (typeof part === "string" ? part : part.text)).join(""));
}

describe("classes", () => {
  const tally = new ClassTally();
  const add = (text: string, gold: string, label: string, score: number, loss: number) =>
    tally.add({ file: "data/dev.tsv", line: 7, text, gold, prediction: { label, score }, loss });
  add("one", "a", "a", 0.9, 0.1);
  add("two", "a", "b", 0.8, 2);
  add("three", "b", "b", 0.6, 0.5);
  add("four", "a", "b", 0.9, 3);
  const outcome = tally.finish();

  it("are counted by what is right and what was predicted, frequent ones first", () => {
    expect(outcome.rows).toBe(4);
    expect(outcome.matrices[0].lines).toEqual(["a", "b"]);
    expect(countsOf(outcome.matrices[0])).toEqual({ "a > a": 1, "a > b": 2, "b > b": 1 });
    expect(outcome.tables[0].lines).toEqual([
      { name: "a", values: [1, 1 / 3, 0.5, 3] },
      { name: "b", values: [1 / 3, 1, 0.5, 1] },
    ]);
  });

  it("have rows behind each cell, the worst first", () => {
    expect(samplesOf(outcome, outcome.matrices[0].cells[0][1].group)).toEqual(["four", "two"]);
    expect(outcome.samples.map(({ loss }) => loss)).toEqual([3, 2, 0.5, 0.1]);
    expect(outcome.samples[0]).toMatchObject({ where: "dev.tsv:7", gold: "a", predicted: "b", right: false });
    expect(outcome.groups[0]).toMatchObject({ label: "a predicted as b", count: 2, right: false });
  });

  it("of which there are many are shown where the mistakes are", () => {
    const many = new ClassTally();
    for (let i = 0; i < 100; i++) {
      const [gold, label] = [`c${i}`, i % 10 === 3 ? `c${i + 1}` : `c${i}`];
      many.add({ ...ROW, text: "t", gold, prediction: { label, score: 0.5 } });
    }
    const [matrix] = many.finish().matrices;
    expect(matrix.lines).toHaveLength(24);
    expect(countsOf(matrix)).toMatchObject({ "c3 > c4": 1, "c93 > c94": 1 });
  });
});

it("several labels a row are missed or too much, each for itself", () => {
  const tally = new LabelsTally();
  const labels = (...names: string[]) => ({ labels: names.map((label) => ({ label, score: 0.75 })) });
  tally.add({ ...ROW, text: "one", gold: ["a", "b"], prediction: labels("a", "c") });
  tally.add({ ...ROW, text: "two", gold: [], prediction: labels() });
  tally.add({ ...ROW, text: "three", gold: ["a"], prediction: labels("a") });
  const outcome = tally.finish();
  expect(outcome.tables[0].lines.map(({ name, values }) => [name, ...values])).toEqual([
    ["a", 1, 1, 1, 2],
    ["b", 0, 0, 0, 1],
    ["c", 0, 0, 0, 0],
  ]);
  expect(outcome.tables[1].lines).toEqual([
    { name: "b missed", values: [1], group: "missed b" },
    { name: "c too much", values: [1], group: "extra c" },
  ]);
  expect(samplesOf(outcome, "missed b")).toEqual(["one"]);
  expect(samplesOf(outcome, "right a")).toEqual(["one", "three"]);
  expect(outcome.samples.find(({ gold }) => gold === "none")).toMatchObject({
    predicted: "none",
    right: true,
  });
});

it("numbers are counted by ranges, and what is beyond them with the ends", () => {
  const tally = new NumberTally([0, 5]);
  const add = (gold: number, score: number) =>
    tally.add({ ...ROW, text: `${gold}`, gold, prediction: { score }, loss: (gold - score) ** 2 });
  add(0.5, 0.75);
  add(4.5, 1.5);
  add(5, 7);
  const outcome = tally.finish();
  expect(outcome.matrices[0].lines).toEqual(["0 to 1", "1 to 2", "2 to 3", "3 to 4", "4 to 5"]);
  expect(countsOf(outcome.matrices[0])).toEqual({
    "0 to 1 > 0 to 1": 1,
    "4 to 5 > 1 to 2": 1,
    "4 to 5 > 4 to 5": 1,
  });
  expect(outcome.tables[0].lines[4]).toEqual({ name: "4 to 5", values: [2, -0.5, 2.5] });
  expect(outcome.samples.map(({ gold }) => gold)).toEqual(["4.5", "5", "0.5"]);
  expect(outcome.scatter!.points).toEqual([
    [0.5, 0.75],
    [4.5, 1.5],
    [5, 7],
  ]);
});

describe("entities", () => {
  const text = "Ada Lovelace met Mr Babbage in London";
  const span = (label: string, words: string) => {
    const start = text.indexOf(words);
    return { label, text: words, start, end: start + words.length, score: 0.9 };
  };
  const gold = [span("PER", "Ada Lovelace"), span("PER", "Babbage"), span("LOC", "London")];
  const predicted = [
    span("PER", "Ada Lovelace"),
    span("PER", "Mr Babbage"),
    span("ORG", "London"),
    span("ORG", "met"),
  ];

  it("are matched by their characters, then by what they share", () => {
    const pairs = matchEntities(gold, predicted).map(({ gold: a, predicted: b }) => [a?.label, b?.text]);
    expect(pairs).toEqual([
      ["PER", "Ada Lovelace"],
      ["PER", "Mr Babbage"],
      ["LOC", "London"],
      [undefined, "met"],
    ]);
  });

  it("are marked in the text", () => {
    expect(markedText(text, gold, predicted)).toEqual([
      { text: "Ada Lovelace", kind: "right", note: "PER" },
      " ",
      { text: "met", kind: "extra", note: "ORG predicted" },
      " ",
      { text: "Mr ", kind: "extra", note: "PER predicted" },
      { text: "Babbage", kind: "right", note: "PER" },
      " in ",
      { text: "London", kind: "wrong", note: "LOC, predicted ORG" },
    ]);
  });

  it("are counted by type, and by what was taken for what", () => {
    const tally = new EntityTally();
    const words = text.split(" ").map((word) => ({ word, tag: "O", score: 0.5, start: 0, end: 0 }));
    const line: TagsLine = {
      ...ROW,
      text,
      gold: { tags: words.map(() => "O"), entities: gold },
      prediction: { words, entities: predicted },
    };
    tally.add(line);
    tally.add({ ...line, gold: { ...line.gold, entities: [] }, prediction: { words, entities: [] } });
    tally.add({ ...line, prediction: { words, entities: [] } });
    const outcome = tally.finish();
    expect(countsOf(outcome.matrices[0])).toEqual({
      "PER > PER": 1,
      "PER > same type, other ends": 1,
      "PER > missed": 2,
      "LOC > ORG": 1,
      "LOC > missed": 1,
      "no entity > ORG": 1,
    });
    expect(outcome.tables[0].lines).toEqual([
      { name: "LOC", values: [0, 0, 0, 2] },
      { name: "ORG", values: [0, 0, 0, 0] },
      { name: "PER", values: [0.5, 0.25, 1 / 3, 4] },
    ]);
    expect(outcome.samples.map(({ right }) => right)).toContain(true);
  });
});

it("tags without entities are counted word by word, and wrong words are marked", () => {
  const tally = new WordTagTally();
  const word = (text: string, tag: string, start: number) => ({
    word: text,
    tag,
    score: 0.8,
    start,
    end: start + text.length,
  });
  const words = [word("fish", "NOUN", 0), word("swim", "NOUN", 5), word("fast", "ADV", 10)];
  tally.add({
    ...ROW,
    text: "fish swim fast",
    gold: { tags: ["NOUN", "VERB", "ADV"], entities: [] },
    prediction: { words, entities: [] },
  });
  const outcome = tally.finish();
  expect(countsOf(outcome.matrices[0])).toEqual({ "NOUN > NOUN": 1, "VERB > NOUN": 1, "ADV > ADV": 1 });
  expect(outcome.samples[0]).toMatchObject({
    text: ["fish ", { text: "swim", kind: "wrong", note: "VERB, predicted NOUN" }, " fast"],
    gold: "swim VERB",
    predicted: "swim NOUN",
    right: false,
  });
});

describe("answers", () => {
  const context = "Mount Example is 912 metres high. It was climbed in 1874.";
  const tally = new AnswerTally();
  const add = (gold: string[], answer: string, exact: number, f1: number) => {
    const start = Math.max(0, context.indexOf(answer));
    const prediction = { answer, start, end: start + answer.length, score: 0.7 };
    tally.add({ ...ROW, question: `${gold[0]} / ${answer}`, context, gold, prediction, exact, f1 });
  };
  add(["912 metres"], "912 metres", 1, 1);
  add(["912 metres"], "912", 0, 2 / 3);
  add(["912 metres"], "1874", 0, 0);
  add(["912 metres"], "", 0, 0);
  add([], "1874", 0, 0);
  add([], "", 1, 1);
  const outcome = tally.finish();

  it("are of six kinds", () => {
    expect(outcome.tables[0].lines.map(({ name, values }) => [name, values[0]])).toEqual([
      ["exactly right", 1],
      ["rightly no answer", 1],
      ["partly right", 1],
      ["another answer", 1],
      ["an answer where there is none", 1],
      ["no answer where there is one", 1],
    ]);
    expect(outcome.tables[1].lines).toEqual([
      { name: "with an answer", values: [0.25, expect.closeTo(5 / 12, 9), 4] },
      { name: "without", values: [0.5, 0.5, 2] },
    ]);
  });

  it("are shown in their passage", () => {
    const partial = outcome.samples.find(({ predicted }) => predicted === "912")!;
    expect(partial.text).toEqual([
      "912 metres / 912\n",
      "Mount Example is ",
      { text: "912", kind: "right", note: "right" },
      { text: " metres", kind: "missed", note: "missed" },
      " high. It was climbed in 1874.",
      "",
    ]);
  });

  it("are shown with what is around them where the passage is long", () => {
    const long = new AnswerTally();
    const far = `${"a ".repeat(2000)}right${" b".repeat(2000)} wrong`;
    const start = far.indexOf("wrong");
    long.add({
      ...ROW,
      ...{ question: "q", context: far, gold: ["right"], exact: 0, f1: 0 },
      prediction: { answer: "wrong", start, end: start + 5, score: 0.5 },
    });
    const [{ text }] = long.finish().samples;
    expect(text.length).toBeLessThan(6);
    expect(text).toContainEqual({ text: "wrong", kind: "extra", note: "predicted" });
  });
});

describe("calibration", () => {
  it("is the distance of confidence and accuracy, weighted by count", () => {
    const tally = new CalibrationTally();
    for (const [confidence, right] of [
      [0.95, true],
      [0.95, false],
      [1, true],
      [0.25, false],
    ] as const)
      tally.add(confidence, right);
    const { bins, error } = tally.finish("row")!;
    expect(bins.map(({ from, count, accuracy }) => [from, count, accuracy])).toEqual([
      [0.2, 1, 0],
      [0.9, 3, 2 / 3],
    ]);
    expect(error).toBeCloseTo((0.25 + 3 * (2.9 / 3 - 2 / 3)) / 4, 12);
  });

  it("leaves out what is no probability", () => {
    const tally = new CalibrationTally();
    tally.add(Number.NaN, true);
    expect(tally.finish("row")).toBeUndefined();
  });
});

describe("samples", () => {
  const sample = (loss: number) => ({
    where: "row",
    text: [`${loss}`],
    gold: "a",
    predicted: "b",
    right: false,
    loss,
  });

  it("are the worst of each group, however large another is", () => {
    const samples = new Samples();
    for (let i = 0; i < 20_000; i++) samples.add(sample(i), [{ key: "large", label: "large", right: false }]);
    samples.add(sample(0.5), [{ key: "small", label: "small", right: true }]);
    const { samples: kept, groups } = samples.finish();
    expect(groups.map(({ key, count }) => [key, count])).toEqual([
      ["large", 20_000],
      ["small", 1],
    ]);
    expect(kept.length).toBeLessThanOrEqual(3000);
    expect(kept[0].loss).toBe(19_999);
    expect(kept.at(-1)!.loss).toBe(0.5);
  });

  it("stay few where each row is a group of its own", () => {
    const samples = new Samples();
    for (let i = 0; i < 5000; i++) samples.add(sample(i), [{ key: `${i}`, label: `${i}`, right: false }]);
    expect(samples.finish().samples).toHaveLength(5000);
  });

  it("have texts of a bounded length", () => {
    const samples = new Samples();
    const long = { ...sample(1), text: ["a".repeat(1000), "b".repeat(1000), "c"] };
    samples.add(long, [{ key: "g", label: "g", right: true }]);
    expect(samples.finish().samples[0].text).toEqual(["a".repeat(1000), `${"b".repeat(500)}…`]);
  });
});
