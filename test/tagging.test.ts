/** Tagging from end to end: learned, saved, loaded, measured, predicted, and what is refused. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  evaluate,
  type FineTuneResult,
  loadPredictor,
  type Predictor,
  type Row,
  readRows,
  UsageError,
} from "../src/node.ts";
import { convertTags } from "../src/text/tags/schemes.ts";
import { openTokenizer } from "../src/training/model-files.ts";
import { readTaggingData } from "../src/training/tagging-data.ts";
import { refusal } from "./helpers/refusal.ts";
import {
  collect,
  contentOf,
  jsonl,
  taggedSentence,
  taggedSentences,
  workshop,
} from "./helpers/token-level.ts";

let folder: ReturnType<typeof workshop>;
beforeAll(() => {
  folder = workshop("token-classification");
});
afterAll(() => folder.remove());

const PARQUET = join(import.meta.dirname, "fixtures", "parquet");
const conll = (rows: readonly { tokens: readonly string[]; tags: readonly string[] }[]) =>
  rows.map(({ tokens, tags }) => tokens.map((word, i) => `${word} ${tags[i]}\n`).join("")).join("\n");

const train = taggedSentences(96);
const validation = taggedSentences(32, 1000);
let model: string;
let result: FineTuneResult;
let predict: Predictor<"token-classification">;
beforeAll(async () => {
  result = await folder.run("tagger", { train, validation, numTrainEpochs: 8 });
  model = folder.path("tagger");
  predict = await loadPredictor(model, { task: "token-classification", threads: 1 });
});
afterAll(() => predict.dispose());

it("learns what a word decides, and evaluates as in training", async () => {
  expect(result.metrics.f1).toBeGreaterThan(0.9);
  const { metrics, examples, task } = await evaluate({ model, data: validation, threads: 1, batchSize: 5 });
  expect([task, examples]).toEqual(["token-classification", 32]);
  expect(metrics).toEqual(result.metrics);
});

it("counts a tag that the model does not have as wrong, and says so", async () => {
  const other = validation.map(({ tokens, tags }) => ({
    tokens,
    tags: tags.map((tag) => (tag === "B-BAD" ? "B-AWFUL" : tag)),
  }));
  const { metrics, notes } = await evaluate({ model, data: other, threads: 1 });
  expect(notes).toEqual(['tags that the model does not have count as wrong: "B-AWFUL"']);
  const tags = validation.flatMap((row) => row.tags);
  const missed = tags.filter((tag) => tag === "B-BAD").length / tags.length;
  expect(metrics.accuracy).toBeCloseTo(result.metrics.accuracy - missed, 6);
  expect(metrics.f1).toBeLessThan(result.metrics.f1);
});

it("says how each type of entities fares, and which tags are taken for which", async () => {
  const spoilt = validation.map(({ tokens, tags }) => ({
    tokens,
    tags: tags.map((tag) => (tag === "B-BAD" ? "B-GOOD" : tag)),
  }));
  const { perLabel = [], confusion } = await evaluate({ model, data: spoilt, threads: 1 });
  const bad = perLabel.find(({ name }) => name === "BAD");
  expect(bad).toMatchObject({ precision: 0, support: 0 });
  const at = (label: string) => confusion?.labels.indexOf(label) ?? -1;
  const taken = validation.flatMap(({ tags }) => tags).filter((tag) => tag === "B-BAD").length;
  expect(confusion?.counts[at("B-GOOD")][at("B-BAD")]).toBeGreaterThan(0.9 * taken);
  const words = confusion?.counts.flat().reduce((sum, count) => sum + count, 0);
  expect(words).toBe(validation.reduce((sum, { tokens }) => sum + tokens.length, 0));
});

it("gives words and entities as the text's own characters", async () => {
  for (const text of [
    "😀 the good day is bad",
    "El niño 🏔🏔 é bad, 李小龙 good day!",
    "\tthe  e\u0301te\u0301\nwas 👩‍👩‍👧 happy  day ",
  ]) {
    const { words, entities } = await predict(text);
    for (const { word, start, end } of words) expect(text.slice(start, end)).toBe(word);
    for (const entity of entities) expect(text.slice(entity.start, entity.end)).toBe(entity.text);
    // All but white space is in a word, in order.
    expect(words.map(({ word }) => word).join("")).toBe(text.replace(/\s/g, ""));
    expect(entities.length).toBeGreaterThan(0);
  }
  const { entities } = await predict("😀 the good day is bad");
  expect(entities.map(({ label, text, start }) => [label, text, start])).toEqual([
    ["GOOD", "good day", 7],
    ["BAD", "bad", 19],
  ]);
  for (const { score } of entities) expect(score > 0.5 && score <= 1).toBe(true);
});

it("gives every word of a long text and of a long list of words a tag", async () => {
  const { tokens, tags } = taggedSentence(7, 1000);
  const text = tokens.join(" ");
  const [plain, [split]] = [await predict(text), await collect(predict.stream([{ tokens }]))];
  expect(plain.words.map(({ word }) => word)).toEqual(tokens);
  expect(split).toEqual(plain);
  const right = plain.words.filter(({ tag }, i) => tag === tags[i]).length;
  expect(right).toBeGreaterThan(900);
  for (const { word, start, end } of plain.words) expect(text.slice(start, end)).toBe(word);
});

it("scores every word of a sentence of 10,000", async () => {
  const row = taggedSentence(8, 10_000);
  const data = folder.file("long.conll", conll([row]));
  const { metrics, examples, notes } = await evaluate({ model, data, threads: 1 });
  const [{ words }] = await collect(predict.stream([{ tokens: row.tokens }]));
  const right = words.filter(({ tag }, i) => tag === row.tags[i]).length;
  expect([examples, metrics.accuracy]).toEqual([1, right / 10_000]);
  expect(notes).toEqual(["1 longer than 64 tokens, read in overlapping windows"]);
  // It trains as well.
  await folder.run(undefined, { train: data, maxSteps: 1 });
});

it("predicts rows without words and words without pieces", async () => {
  const rows = [{ tokens: [] }, { text: " " }, { tokens: ["good", "\u0001", "day"] }, { text: "bad" }];
  const [none, blank, silent, last] = await collect(predict.stream(rows));
  expect([none, blank]).toEqual(Array(2).fill({ words: [], entities: [] }));
  expect(silent.words.map(({ word, tag }) => [word, tag])[1]).toEqual(["\u0001", "I-GOOD"]);
  expect(last.entities).toMatchObject([{ label: "BAD", text: "bad" }]);
});

it("joins pieces as it was asked to", async () => {
  const text = "😀 the good day";
  for (const aggregation of ["none", "simple", "first", "average", "max"] as const) {
    const { entities, words } = await predict(text, undefined, { aggregation });
    expect(words).toHaveLength(4);
    for (const entity of entities) expect(text.slice(entity.start, entity.end)).toBe(entity.text);
    const texts = entities.map((entity) => entity.text);
    expect(texts.slice(-2)).toEqual(
      aggregation === "none" ? ["good", "day"] : expect.arrayContaining(["good day"]),
    );
  }
});

it.each([
  ["an aggregation that does not exist", "good", undefined, { aggregation: "mean" }, "expected one of none"],
  ["topK", "good", undefined, { topK: 2 }, "topK has no meaning"],
  ["a second text", "good", "bad", {}, "a second one has no meaning"],
])("refuses %s", async (_, text, second, options, message) => {
  const call = predict(text, second, options as object);
  await expect(call).rejects.toThrow(UsageError);
  await expect(call).rejects.toThrow(message);
});

it.each([
  ["words that are a text", { tokens: "good day" }],
  ["words that are numbers", { tokens: ["good", 7] }],
  ["no words", { labels: ["O"] }],
  ["a text for a row", "good day"],
])("refuses %s to predict", async (_, row) => {
  await refusal(collect(predict.stream([row as unknown as Row])));
});

it("refuses to join the pieces of split words", async () => {
  await refusal(collect(predict.stream([{ tokens: ["good"] }], { aggregation: "first" })));
});

it.each(["IOB1", "IOBES", "BILOU"] as const)("learns %s the same and gives it back", async (scheme) => {
  const converted = (rows: typeof train) =>
    rows.map(({ tokens, tags }) => ({ tokens, tags: convertTags(tags, "IOB2", scheme) }));
  const options = { train: converted(train), validation: converted(validation), numTrainEpochs: 8 };
  const { metrics } = await folder.run(scheme, options);
  expect(metrics).toEqual(result.metrics);
  expect(folder.json(scheme, "config.json").bertwright.tag_scheme).toBe(scheme);
  expect(folder.json(scheme, "config.json").id2label).toEqual(folder.json("tagger", "config.json").id2label);
  const other = await loadPredictor(folder.path(scheme), { task: "token-classification", threads: 1 });
  const { words } = await other("the good day good bad");
  other.dispose();
  const tags = ["O", "B-GOOD", "I-GOOD", "B-GOOD", "B-BAD"];
  expect(words.map(({ tag }) => tag)).toEqual(convertTags(tags, "IOB2", scheme));
});

it("tags that mark no spans are learned by accuracy, and are no entities", async () => {
  const plain = (rows: typeof train) =>
    rows.map(({ tokens, tags }) => ({ tokens, tags: tags.map((tag) => tag.replace(/^.-/, "T")) }));
  const { metrics } = await folder.run("plain", {
    train: plain(train),
    validation: plain(validation),
    labelAllPieces: true,
    numTrainEpochs: 8,
  });
  expect(metrics.accuracy).toBeGreaterThan(0.9);
  const tagger = await loadPredictor(folder.path("plain"), { task: "token-classification", threads: 1 });
  const { words, entities } = await tagger("the good bad");
  expect([words.map(({ tag }) => tag), entities]).toEqual([["O", "TGOOD", "TBAD"], []]);
  tagger.dispose();
});

it("micro-batches change nothing", async () => {
  const whole = await folder.losses({ train, maxSteps: 4, perDeviceTrainBatchSize: 8 });
  const parts = await folder.losses({
    train,
    maxSteps: 4,
    perDeviceTrainBatchSize: 2,
    gradientAccumulationSteps: 4,
  });
  for (const [i, loss] of parts.entries()) expect(loss).toBeCloseTo(whole[i], 4);
});

it("rows are the same from memory, JSONL, columns, two files and Parquet", async () => {
  const rows = [
    { tokens: ["Ada", "Byron", "wrote", "."], tags: ["B-PER", "I-PER", "O", "O"] },
    { tokens: ["Yes", "."], tags: ["O", "O"] },
  ];
  const options = { tokenizer: await openTokenizer(folder.model), maxSeqLength: 64 };
  const memory = await readTaggingData(rows, options);
  const lines = (key: "tokens" | "tags") => rows.map((row) => `${row[key].join(" ")}\n`).join("");
  const spans = [
    { text: "Ada Byron wrote .", entities: [{ start: 0, end: 9, label: "PER" }] },
    { text: "Yes .", entities: [] },
  ];
  for (const data of [
    await readTaggingData(folder.file("same.jsonl", jsonl(rows)), options),
    await readTaggingData(folder.file("same.conll", conll(rows)), options),
    await readTaggingData(join(PARQUET, "sentences.parquet"), options),
    await readTaggingData(spans, options),
    await readTaggingData(folder.file("same.spans", jsonl(spans)), options),
    await readTaggingData(folder.file("same.words", lines("tokens")), {
      ...options,
      tags: folder.file("same.tags", lines("tags")),
    }),
  ]) {
    expect(contentOf(data.features)).toEqual(contentOf(memory.features));
    expect([data.labels, data.references, data.words]).toEqual([
      memory.labels,
      memory.references,
      memory.words,
    ]);
  }
});

it("a file predicts as its rows do", async () => {
  const rows = validation.slice(0, 5);
  const read = readRows(folder.file("predict.conll", conll(rows)), { task: "token-classification" });
  expect(await collect(predict.stream(read))).toEqual(await collect(predict.stream(rows)));
});

describe("refuses", () => {
  const good = "good B-GOOD\nday I-GOOD\n\n";
  it.each<[name: string, content: string, line: number, message: string]>([
    ["unequal columns", `${good}the O\nday\n`, 5, "1 column, but 2 on other lines"],
    [
      "I- behind O",
      `${good}the O\nday I-GOOD\n`,
      4,
      '"I-GOOD" after "O" (word 2), where the other tags keep to IOB2',
    ],
    [
      "an empty sentence",
      jsonl([
        { tokens: ["a"], tags: ["O"] },
        { tokens: [], tags: [] },
      ]),
      2,
      "an empty sentence",
    ],
    ["fewer tags than words", jsonl([{ tokens: ["a", "day"], tags: ["O"] }]), 1, "2 words, but 1 tag"],
    [
      "a span that cuts a word",
      jsonl([{ text: "a day", entities: [{ start: 2, end: 4, label: "X" }] }]),
      1,
      'the span "da" cuts the word "day"',
    ],
    [
      "a span outside of its text",
      jsonl([{ text: "😀 day", entities: [{ start: 2, end: 6, label: "X" }] }]),
      1,
      "lies outside the text of 5 characters",
    ],
    ["JSONL that is cut off", `${jsonl([{ tokens: ["a"], tags: ["O"] }])}{"tokens": ["a"`, 2, "JSON"],
  ])("%s", async (name, content, line, message) => {
    const path = folder.file(`bad: ${name}`, content);
    const said = await folder.refusedEverywhere(model, path, train);
    expect(said).toContain(`${path}:${line}: `);
    expect(said).toContain(message);
  });

  it("a file without sentences", async () => {
    const path = folder.file("bad: empty", "\n\n");
    expect(await folder.refusedEverywhere(model, path, train)).toContain(path);
  });

  it("another task's model, and options of another task", async () => {
    await expect(loadPredictor(model, { task: "question-answering" })).rejects.toThrow(
      "is for token-classification",
    );
    await expect(evaluate({ model, data: validation, output: folder.path("never") })).rejects.toThrow(
      UsageError,
    );
    await expect(evaluate({ model, data: validation, docStride: -1 })).rejects.toThrow("docStride is -1");
    await expect(evaluate({ model, data: validation, docStep: 3 })).rejects.toThrow("docStep has no meaning");
  });
});
