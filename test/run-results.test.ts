/** What a run says of its validation rows beside the model: the lines are those of `predict`, the numbers the metrics. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  compareRuns,
  evaluate,
  type FineTuneOptions,
  InputError,
  inspectData,
  loadPredictor,
  predictionLine,
  type Row,
  readRows,
  type TaskTag,
  type TrainingEvent,
  UsageError,
} from "../src/node.ts";
import { pairRows, sentimentRows, taggedRows } from "./helpers/tiny-runs.ts";
import { collect, jsonl, questionRows, taggedSentences, workshop } from "./helpers/token-level.ts";

type Workshop = ReturnType<typeof workshop>;
const shops = new Map<TaskTag, Workshop>();
beforeAll(() => {
  for (const task of ["text-classification", "token-classification", "question-answering"] as const) {
    shops.set(task, workshop(task));
  }
});
afterAll(() => {
  for (const shop of shops.values()) shop.remove();
});

const BRIEF = { numTrainEpochs: 2 };
const textOf = (shop: Workshop, ...parts: string[]) => readFileSync(shop.path(...parts), "utf8");
const linesOf = (shop: Workshop, name: string) =>
  textOf(shop, name, "predictions.jsonl")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

const scores = (count: number) =>
  sentimentRows(count).map(({ text, label }, i) => ({
    text,
    label: label === "positive" ? 2 + (i % 3) / 2 : 0.5,
  }));
const noAnswers = { none: 3 };

interface Case {
  name: string;
  task: TaskTag;
  train: readonly Row[];
  validation: readonly Row[];
  /** How `predict` is asked for the same. */
  predict?: { topK: number };
  options?: Partial<FineTuneOptions>;
}

const CASES: Case[] = [
  {
    name: "a class",
    task: "text-classification",
    train: sentimentRows(32),
    validation: sentimentRows(11),
    predict: { topK: 2 },
  },
  {
    name: "pairs",
    task: "text-classification",
    train: pairRows(32),
    validation: pairRows(9),
    predict: { topK: 2 },
  },
  { name: "several labels", task: "text-classification", train: taggedRows(32), validation: taggedRows(9) },
  { name: "a number", task: "text-classification", train: scores(32), validation: scores(9) },
  {
    name: "entities",
    task: "token-classification",
    train: taggedSentences(32),
    validation: taggedSentences(12, 500),
  },
  {
    name: "words over windows",
    task: "token-classification",
    train: taggedSentences(32),
    validation: taggedSentences(6, 600),
    options: { maxSeqLength: 6, docStride: 2 },
  },
  {
    name: "answers",
    task: "question-answering",
    train: questionRows(48),
    validation: questionRows(9, { from: 700 }),
    predict: { topK: 2 },
  },
  {
    name: "answers or none",
    task: "question-answering",
    train: questionRows(48, noAnswers),
    validation: questionRows(9, { from: 700, ...noAnswers }),
    predict: { topK: 2 },
    options: { maxSeqLength: 16, docStride: 4 },
  },
];

describe.each(CASES)("of $name", ({ name, task, train, validation, predict, options }) => {
  let shop: Workshop;
  let file: string;
  let result: Awaited<ReturnType<Workshop["run"]>>;
  beforeAll(async () => {
    shop = shops.get(task) as Workshop;
    file = shop.file(`${name}.jsonl`, jsonl(validation));
    result = await shop.run(name, { train, validation: file, ...BRIEF, ...options });
  });

  it("a line says what predict says, where the row is from and what is right", async () => {
    const lines = linesOf(shop, name);
    expect(lines.map(({ file: from, line }) => [from, line])).toEqual(
      validation.map((_, i) => [file, i + 1]),
    );
    const predictor = await loadPredictor(shop.path(name), { threads: 1 });
    const rows = await collect(readRows(file, { task }));
    const predictions = await collect(predictor.stream(rows, predict));
    predictor.dispose();
    lines.forEach(({ prediction }, i) => {
      expect(rounded(prediction)).toEqual(rounded(predictionLine(predictions[i])));
    });
    expect(lines.every(({ loss }) => loss > 0)).toBe(true);
  });

  it("the numbers are those of training and of evaluate, each inside its interval", async () => {
    const { evaluation } = result;
    const stored = shop.json(name, "evaluation.json");
    expect(stored).toEqual(evaluation);
    const { metrics } = await evaluate({ model: shop.path(name), data: file, threads: 1 });
    expect(Object.keys(stored.metrics).sort()).toEqual(Object.keys(metrics).sort());
    for (const [metric, value] of Object.entries(metrics)) {
      expect(stored.metrics[metric], metric).toBeCloseTo(value, 9);
    }
    expect(stored.value).toBeCloseTo(result.metrics[stored.metric], 9);
    expect(stored).toMatchObject({ on: file, rows: validation.length });
    expect(stored.interval.low).toBeLessThanOrEqual(stored.value);
    expect(stored.interval.high).toBeGreaterThanOrEqual(stored.value);
    const last = textOf(shop, name, "metrics.jsonl").trimEnd().split("\n").at(-1) ?? "";
    expect(stored.baseline).toBeCloseTo(JSON.parse(last).baseline, 9);
    expect(stored.difference.value).toBeCloseTo(stored.value - stored.baseline, 12);
  });

  it("the data report is that of inspect", async () => {
    // The model has 64 positions.
    const inspected = { task, data: train, validation: file, model: shop.model, maxSeqLength: 64 };
    const report = await inspectData({ ...inspected, ...options });
    expect(shop.json(name, "data-report.json")).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it("the errors are the wrong lines, the surest first", () => {
    const wrong = linesOf(shop, name).filter(({ correct }) => !correct);
    const csv = textOf(shop, name, "errors.csv");
    const rows = csv.split("\n").slice(1, -1);
    expect(rows).toHaveLength(wrong.length);
    const losses = rows.map((row) => Number(row.split(",").at(-1)));
    expect(losses).toEqual(wrong.map(({ loss }) => loss).sort((a, b) => b - a));
  });
});

/** To six digits: batches of other rows round otherwise. */
function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item) => (typeof item === "number" ? Number(item.toPrecision(4)) : item)),
  );
}

describe("a line", () => {
  it("of a class holds the right label, all scores, and whether it is right", () => {
    const shop = shops.get("text-classification") as Workshop;
    for (const { text, gold, prediction, correct } of linesOf(shop, "a class")) {
      expect(sentimentRows(11)).toContainEqual({ text, label: gold });
      expect(prediction.top).toHaveLength(2);
      expect(correct).toBe(prediction.label === gold);
    }
    expect(linesOf(shop, "several labels")[3].gold).toEqual(["day", "good"]);
    expect(linesOf(shop, "a number")[0]).not.toHaveProperty("correct");
    expect(linesOf(shop, "pairs")[1]).toMatchObject({
      text: expect.any(String),
      textPair: expect.any(String),
    });
  });

  it("of a sentence holds the tags as the file has them and the entities that they mark", () => {
    const shop = shops.get("token-classification") as Workshop;
    const sentences = taggedSentences(12, 500);
    linesOf(shop, "entities").forEach(({ text, gold, prediction, correct }, i) => {
      expect(text).toBe(sentences[i].tokens.join(" "));
      expect(gold.tags).toEqual(sentences[i].tags);
      for (const { text: words, start, end } of gold.entities) expect(text.slice(start, end)).toBe(words);
      expect(gold.entities).toHaveLength(sentences[i].tags.filter((tag) => tag.startsWith("B-")).length);
      const tags = prediction.words.map(({ tag }: { tag: string }) => tag);
      expect(correct).toBe(tags.join() === gold.tags.join());
    });
  });

  it("of a question holds the answers of people and the scores of the one that was found", () => {
    const shop = shops.get("question-answering") as Workshop;
    const rows = questionRows(9, { from: 700, ...noAnswers });
    const lines = linesOf(shop, "answers or none");
    lines.forEach(({ id, question, context, gold, prediction, exact, correct }, i) => {
      expect({ id, question, context }).toEqual({
        id: rows[i].id,
        question: rows[i].question,
        context: rows[i].context,
      });
      expect(gold).toEqual(rows[i].answers?.map(({ text }) => text));
      expect(correct).toBe(exact === 1);
      if (gold.length === 0) expect(exact).toBe(prediction.answer === "" ? 1 : 0);
    });
    expect(lines.some(({ gold }) => gold.length === 0)).toBe(true);
  });
});

it("of rows held out of the training rows says where they stand in their file", async () => {
  const shop = shops.get("text-classification") as Workshop;
  const rows = sentimentRows(40);
  const train = shop.file("all.jsonl", jsonl(rows));
  const { evaluation } = await shop.run("held", { train, validationSplit: 0.25, maxSteps: 2 });
  const lines = linesOf(shop, "held");
  expect(lines).toHaveLength(10);
  expect(evaluation).toMatchObject({ rows: 10, on: train });
  for (const { file, line, text, gold } of lines) {
    expect(file).toBe(train);
    expect({ text, label: gold }).toEqual(rows[line - 1]);
  }
});

describe("without rows that can be read again", () => {
  it("a warning says why there are no predictions", async () => {
    const shop = shops.get("text-classification") as Workshop;
    const events: TrainingEvent[] = [];
    const validation = (function* () {
      yield* sentimentRows(8);
    })();
    const onEvent = (event: TrainingEvent) => events.push(event);
    const { evaluation, metrics } = await shop.run("once", {
      train: sentimentRows(16),
      validation,
      maxSteps: 1,
      onEvent,
    });
    expect(evaluation).toBeUndefined();
    expect(metrics).toHaveProperty("accuracy");
    expect(existsSync(shop.path("once", "predictions.jsonl"))).toBe(false);
    const warnings = events.filter(({ type }) => type === "warning");
    expect(warnings).toEqual([{ type: "warning", message: expect.stringContaining("predictions.jsonl") }]);
  });

  it("those of an earlier run are gone", async () => {
    const shop = shops.get("text-classification") as Workshop;
    await shop.run("before", { train: sentimentRows(16), validation: sentimentRows(8), maxSteps: 1 });
    expect(existsSync(shop.path("before", "predictions.jsonl"))).toBe(true);
    await shop.run("before", { train: sentimentRows(16), maxSteps: 1, overwrite: true });
    for (const name of ["predictions.jsonl", "errors.csv", "evaluation.json", "results.csv"]) {
      expect(existsSync(shop.path("before", name)), name).toBe(false);
    }
  });
});

describe("compareRuns", () => {
  let shop: Workshop;
  let file: string;
  beforeAll(async () => {
    shop = shops.get("text-classification") as Workshop;
    file = shop.file("compared.jsonl", jsonl(sentimentRows(24)));
    const options = { train: sentimentRows(32), validation: file };
    await shop.run("one", { ...options, numTrainEpochs: 8 });
    await shop.run("two", { ...options, maxSteps: 1, seed: 7 });
    const other = shop.file("other.jsonl", jsonl(sentimentRows(8)));
    await shop.run("others", { train: options.train, validation: other, maxSteps: 1 });
  });

  it("says how options and metrics differ, and how sure that is", async () => {
    const { metric, options, runs, notes } = await compareRuns([shop.path("one"), shop.path("two")]);
    expect(metric).toBe("accuracy");
    expect(notes).toEqual([]);
    const byName = Object.fromEntries(options.map(({ name, values }) => [name, values]));
    expect(byName.seed).toEqual([42, 7]);
    expect(byName).not.toHaveProperty("validation");
    const [one, two] = runs;
    expect(one.metrics).toEqual(shop.json("one", "evaluation.json").metrics);
    expect(one.difference).toBeUndefined();
    const { value, low, high } = two.difference ?? { value: 0, low: 0, high: 0 };
    expect(value).toBeCloseTo(two.metrics.accuracy - one.metrics.accuracy, 12);
    expect(value).toBeLessThan(0);
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
  });

  it("of a run and itself finds no difference at all: rows are paired", async () => {
    const { options, runs } = await compareRuns([shop.path("two"), shop.path("two")]);
    expect(options).toEqual([]);
    expect(runs[1].difference).toEqual({ value: 0, low: 0, high: 0 });
  });

  it("says of other rows that they say nothing", async () => {
    const { runs, notes } = await compareRuns([shop.path("one"), shop.path("others"), shop.path("two")]);
    expect(runs.map(({ difference }) => difference !== undefined)).toEqual([false, false, true]);
    expect(notes).toEqual([expect.stringContaining("measured on other rows")]);
    expect(notes[0]).toContain(shop.path("others"));
  });

  it("refuses one folder, a folder without a measured run, and lines that somebody changed", async () => {
    await expect(compareRuns([shop.path("one")])).rejects.toThrow(UsageError);
    await shop.run("unmeasured", { train: sentimentRows(16), maxSteps: 1 });
    const none = compareRuns([shop.path("one"), shop.path("nowhere")]);
    await expect(none).rejects.toThrow(/nowhere: run.json is missing/);
    const unmeasured = compareRuns([shop.path("one"), shop.path("unmeasured")]);
    await expect(unmeasured).rejects.toThrow(/unmeasured: evaluation.json is missing/);
    const path = shop.path("others", "predictions.jsonl");
    const lines = textOf(shop, "others", "predictions.jsonl").split("\n");
    lines[2] = lines[2].replace(/"gold":"[a-z]+"/, '"gold":"neutral"');
    writeFileSync(path, lines.join("\n"));
    const changed = compareRuns([shop.path("others"), shop.path("others")]);
    await expect(changed).rejects.toThrow(InputError);
    await expect(changed).rejects.toThrow("predictions.jsonl:3: not a prediction of this model");
  });
});
