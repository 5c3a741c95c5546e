/** Question answering from end to end: learned, saved, loaded, measured, predicted, and what is refused. */
import { existsSync, readFileSync } from "node:fs";
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
import { openTokenizer } from "../src/training/model-files.ts";
import { readQuestionData } from "../src/training/question-data.ts";
import { refusal } from "./helpers/refusal.ts";
import { collect, contentOf, jsonl, questionRows, taggedSentence, workshop } from "./helpers/token-level.ts";

let folder: ReturnType<typeof workshop>;
beforeAll(() => {
  folder = workshop("question-answering");
});
afterAll(() => folder.remove());

const PARQUET = join(import.meta.dirname, "fixtures", "parquet");
type Question = { id: string; question: string; context: string; answers?: readonly object[] };
const squad = (rows: readonly Question[], fields = (_row: Question): object => ({})) =>
  JSON.stringify({
    version: "1.1",
    data: rows.map(({ context, ...row }) => ({
      title: "made up",
      paragraphs: [{ context, qas: [{ ...row, ...fields({ context, ...row }) }] }],
    })),
  });

const train = questionRows(256);
const validation = questionRows(48, { from: 1000 });
const enough = { numTrainEpochs: 24 };
let model: string;
let result: FineTuneResult;
let predict: Predictor<"question-answering">;
beforeAll(async () => {
  // So small a model learns it with most seeds; with this one to 0.98, whatever the order of its sums.
  result = await folder.run("answers", { train, validation, ...enough, seed: 5 });
  model = folder.path("answers");
  predict = await loadPredictor(model, { task: "question-answering", threads: 1 });
});
afterAll(() => predict.dispose());

const answersOf = async (of: Predictor<"question-answering">, rows: Row[]) =>
  Object.fromEntries(
    (await collect(of.stream(rows))).map(({ answer }, i) => [(rows[i] as Question).id, answer]),
  );

it("learns where the answer stands, and evaluates as in training", async () => {
  expect(result.metrics.f1).toBeGreaterThan(0.9);
  const { metrics, examples } = await evaluate({ model, data: validation, threads: 1, batchSize: 5 });
  expect([metrics, examples]).toEqual([result.metrics, 48]);
  expect(folder.json("answers", "config.json")).toMatchObject({
    architectures: ["BertForQuestionAnswering"],
    bertwright: { task: "question-answering", answer_softmax: "all", no_answers: false },
  });
});

it("learns as well where only the passage competes", async () => {
  const options = { train, validation, ...enough, answerSoftmax: "passage" } as const;
  const { metrics } = await folder.run("passage", options);
  expect(metrics.f1).toBeGreaterThan(0.9);
  const path = folder.path("passage");
  expect((await evaluate({ model: path, data: validation, threads: 1 })).metrics).toEqual(metrics);
  await expect(loadPredictor(path, { nullScoreDiffThreshold: 1 })).rejects.toThrow(UsageError);
  const none = [...train, ...questionRows(2, { from: 5000, none: 1 })];
  expect(await refusal(folder.run("never", { ...options, train: none }))).toContain("--answer-softmax all");
});

it("writes files that the SQuAD scripts score, a question an entry in the file's order", async () => {
  // Ids that an object of JavaScript would sort.
  const rows = validation.map((row, i) => ({ ...row, id: String((i * 31) % 48) }));
  const options = {
    model,
    data: folder.file("dev.json", squad(rows)),
    output: folder.path("predictions"),
    threads: 1,
  };
  const { metrics } = await evaluate(options);
  expect(metrics).toEqual(result.metrics);
  const text = readFileSync(folder.path("predictions", "predictions.json"), "utf8");
  expect([...text.matchAll(/^ {4}"(\d+)": /gm)].map(([, id]) => id)).toEqual(rows.map(({ id }) => id));
  expect(JSON.parse(text)).toEqual(await answersOf(predict, rows));
  const nBest = folder.json("predictions", "nbest_predictions.json");
  for (const { id } of rows) {
    expect(nBest[id][0]).toEqual({
      start_logit: expect.any(Number),
      end_logit: expect.any(Number),
      text: JSON.parse(text)[id],
      probability: expect.any(Number),
    });
    const sum = nBest[id].reduce((a: number, { probability }: { probability: number }) => a + probability, 0);
    expect(sum).toBeCloseTo(1, 6);
    expect(nBest[id].length).toBeLessThanOrEqual(20);
  }
  expect(existsSync(folder.path("predictions", "null_odds.json"))).toBe(false);

  expect(await refusal(evaluate(options))).toContain("--overwrite");
  // Of the answers before, which might have had none.
  folder.file(join("predictions", "null_odds.json"), "{}");
  await evaluate({ ...options, data: rows.slice(0, 3), overwrite: true });
  expect(Object.keys(folder.json("predictions", "predictions.json"))).toHaveLength(3);
  expect(existsSync(folder.path("predictions", "null_odds.json"))).toBe(false);
});

it("answers in the passage's own characters", async () => {
  for (const context of [
    "😀 the film was great",
    "Das Café 🏔 was naïve, 李小龙!",
    "e\u0301te\u0301  was\n👩‍👩‍👧 happy",
  ]) {
    const { answer, start, end, top } = await predict("what day?", context, { topK: 4 });
    expect(context.slice(start, end)).toBe(answer);
    expect(answer).not.toBe("");
    for (const each of top!) expect(context.slice(each.start, each.end)).toBe(each.answer);
  }
  // An answer that is the whole passage ends with its last accent.
  const { top } = await predict("what day?", "e\u0301te\u0301", { topK: 50 });
  expect(top!.map(({ answer }) => answer)).toContain("e\u0301te\u0301");
  expect(await predict("what day?", "😀 the film was great")).toMatchObject({
    answer: "great",
    start: 16,
    end: 21,
  });
});

it("gives as many answers as were asked for, best first", async () => {
  const context = taggedSentence(3, 40).tokens.join(" ");
  const { top } = await predict("what day?", context, { topK: 50 });
  expect(top).toHaveLength(50);
  const scores = top!.map(({ score }) => score);
  expect([...scores].sort((a, b) => b - a)).toEqual(scores);
  expect(new Set(top!.map(({ start, end }) => `${start} ${end}`)).size).toBe(50);
  const short = await loadPredictor(model, { task: "question-answering", maxAnswerLength: 1, threads: 1 });
  expect((await short("what day?", context, { topK: 50 })).top).toHaveLength(40);
  short.dispose();
});

it("searches all windows of a long passage", async () => {
  const words = Array.from({ length: 1000 }, () => "very");
  words.splice(700, 2, "was", "great");
  const context = words.join(" ");
  const { answer, start, end } = await predict("what day?", context);
  expect(context.slice(start, end)).toBe(answer);
  expect([answer, start]).toEqual(["great", context.indexOf("great")]);
  const answers = [{ text: "great", answer_start: start }];
  const data = [{ question: "what day?", context, answers }];
  const { metrics, notes } = await evaluate({ model, data, threads: 1 });
  expect(metrics.exact_match).toBe(1);
  expect(notes).toEqual(["1 with passages longer than 64 tokens, read in overlapping windows"]);
});

it("needs a passage, and rows that have both texts", async () => {
  await expect(predict("what day?")).rejects.toThrow(UsageError);
  await refusal(collect(predict.stream([{ question: "what day?" } as Row])));
  await refusal(collect(predict.stream([{ context: "a day" } as unknown as Row])));
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

describe("that may have no answer", () => {
  const some = questionRows(256, { none: 4 });
  const held = questionRows(60, { from: 2000, none: 4 });
  let metrics: FineTuneResult["metrics"];
  beforeAll(async () => {
    const options = { train: some, validation: held, ...enough };
    ({ metrics } = await folder.run("unsure", options));
  });

  it("are learned, and the best threshold of validation is the model's own", async () => {
    expect(metrics.best_f1).toBeGreaterThan(0.9);
    expect([metrics.HasAns_total, metrics.NoAns_total]).toEqual([45, 15]);
    const own = folder.json("unsure", "config.json").bertwright;
    expect(own).toMatchObject({ no_answers: true, null_score_diff_threshold: metrics.best_f1_thresh });
    const measured = await evaluate({ model: folder.path("unsure"), data: held, threads: 1 });
    expect(measured.metrics.f1).toBe(metrics.best_f1);
    const zero = { model: folder.path("unsure"), data: held, nullScoreDiffThreshold: 0, threads: 1 };
    expect((await evaluate(zero)).metrics).toEqual(metrics);
  });

  it("are answered by it, in predictions as in files", async () => {
    const output = folder.path("unsure-predictions");
    await evaluate({ model: folder.path("unsure"), data: held, output, threads: 1 });
    const predictions = folder.json("unsure-predictions", "predictions.json");
    const odds = folder.json("unsure-predictions", "null_odds.json");
    for (const { id } of held) expect(predictions[id] === "").toBe(odds[id] > metrics.best_f1_thresh);
    const unsure = await loadPredictor(folder.path("unsure"), { task: "question-answering", threads: 1 });
    expect(await answersOf(unsure, held)).toEqual(predictions);
    const none = held.find(({ id }) => predictions[id] === "")!;
    expect(await unsure(none.question, none.context)).toMatchObject({ answer: "", start: 0, end: 0 });
    unsure.dispose();
    // However sure it is that there is none, a threshold above that asks for a span.
    const high = { nullScoreDiffThreshold: 1e6, task: "question-answering", threads: 1 } as const;
    const bold = await loadPredictor(folder.path("unsure"), high);
    expect(await bold(none.question, none.context)).not.toMatchObject({ answer: "" });
    bold.dispose();
  });

  it("can be asked of a model that always found one", async () => {
    const low = { nullScoreDiffThreshold: -1e6, task: "question-answering", threads: 1 } as const;
    const shy = await loadPredictor(model, low);
    expect(await shy("what day?", "the film was great")).toMatchObject({ answer: "" });
    shy.dispose();
    await expect(loadPredictor(model, { nullScoreDiffThreshold: Number.NaN })).rejects.toThrow(
      "expected a number",
    );
  });
});

it("a model reads questions and passages in the windows that it was trained with", async () => {
  const options = { maxSteps: 1, maxSeqLength: 24, docStride: 4, maxQuestionLength: 3 };
  await folder.run("windows", { train: questionRows(8), ...options });
  const config = JSON.parse(readFileSync(folder.path("windows", "config.json"), "utf8"));
  expect(config.bertwright).toMatchObject({ max_seq_length: 24, doc_stride: 4, max_question_length: 3 });
  const [{ question, context }] = questionRows(1);
  const row = { id: "a", question, context: Array.from({ length: 6 }, () => context).join(" ") };
  const count = async (given: object) => {
    const predictor = await loadPredictor(folder.path("windows"), { threads: 1, ...given });
    const windows = (await collect(predictor.logits([row]))).length;
    const [answer] = await collect(predictor.stream([row]));
    predictor.dispose();
    expect(answer).toHaveProperty("id", "a");
    return windows;
  };
  expect(await count({})).toBeGreaterThan(await count({ maxSeqLength: 64 }));
  const short = { ...row, question: question.split(" ").slice(0, 3).join(" ") };
  const predictor = await loadPredictor(folder.path("windows"), { threads: 1 });
  const [cut, whole] = [await collect(predictor.logits([row])), await collect(predictor.logits([short]))];
  predictor.dispose();
  expect(cut).toEqual(whole);
});

it("an overlap that no window has room for is refused", async () => {
  const data = { train: questionRows(4), maxSteps: 1, maxSeqLength: 24, docStride: 21 };
  await expect(folder.run("overlap", data)).rejects.toThrow(
    "docStride is 21, expected a whole number of tokens from 0 to 20.",
  );
});

it("rows are the same from memory, JSONL, SQuAD JSON and Parquet", async () => {
  const context = "🏔 Mount Elm rises 912 metres.";
  const rows = (unit: "utf16" | "code_points"): Question[] => [
    {
      id: "q1",
      question: "How high is Mount Elm?",
      context,
      // The emoji is two UTF-16 units.
      answers: ["912 metres", "912"].map((text) => ({ text, answer_start: unit === "utf16" ? 19 : 18 })),
    },
    { id: "q2", question: "How deep is Elm Lake?", context: "Elm Lake is deep.", answers: [] },
  ];
  const options = { tokenizer: await openTokenizer(folder.model), maxSeqLength: 64 };
  const memory = await readQuestionData(rows("utf16") as Row[], options);
  const isImpossible = ({ answers }: Question) => ({ is_impossible: answers?.length === 0 });
  for (const path of [
    folder.file("same-questions.jsonl", jsonl(rows("code_points"))),
    folder.file("same.json", squad(rows("code_points"), isImpossible)),
    join(PARQUET, "questions.parquet"),
  ]) {
    const data = await readQuestionData(path, options);
    expect(contentOf(data.features)).toEqual(contentOf(memory.features));
    expect([data.questions, data.noAnswers]).toEqual([memory.questions, memory.noAnswers]);
    const read = (await collect(readRows(path, { task: "question-answering" }))) as Question[];
    expect(read).toEqual(rows("utf16"));
  }
});

describe("refuses", () => {
  const [row, other] = questionRows(2, { from: 3000 });
  const cut = squad([row, other]);
  it.each<[name: string, content: string, where: string, message: string]>([
    [
      "an answer outside of its passage",
      squad([row, { ...other, answers: [{ text: "sunset", answer_start: 3 }] }]),
      `, question ${other.id}: `,
      '"sunset" is nowhere in the passage',
    ],
    [
      "an answer that stands elsewhere",
      squad([{ ...row, answers: row.answers?.map((each) => ({ ...each, answer_start: 0 })) }]),
      `, question ${row.id}: `,
      "the file says 0",
    ],
    [
      "a question without id",
      squad([row, { ...other, id: undefined as unknown as string }]),
      "qas[0]",
      "has no id",
    ],
    [
      "two questions with one id",
      squad([row, { ...other, id: row.id }]),
      `, question ${row.id}: `,
      "numbers 1 and 2",
    ],
    ["SQuAD JSON that is cut off", cut.slice(0, cut.length / 2), ":1: ", "the JSON ends in the middle"],
    ["an empty passage", jsonl([row, { ...other, context: " " }]), ":2: ", "the passage is empty"],
    ["no answers", jsonl([{ ...row, answers: null }]), ":1: ", "there are no answers"],
  ])("%s", async (name, content, where, message) => {
    const path = folder.file(`bad: ${name}`, content);
    const said = await folder.refusedEverywhere(model, path, train);
    expect(said).toContain(path);
    expect(said).toContain(where);
    expect(said).toContain(message);
  });
});
