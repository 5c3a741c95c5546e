/** Question answering on labels and logits made by hand: both softmaxes, the trivial answer, metrics, thresholds. */
import { describe, expect, it } from "vitest";
import { runGraph } from "../../../test/helpers/run-graph.ts";
import { Graph } from "../../engine/graph/graph.ts";
import { FEEDS, packedInputs } from "../../model/packed-inputs.ts";
import { Features } from "../features.ts";
import type { Answers } from "./answers.ts";
import {
  type AnswerSoftmax,
  type QuestionAnsweringOptions,
  type QuestionData,
  questionAnswering,
} from "./task.ts";

/** Rows of tokens: `first` of segment 0, `passage` tokens, `[SEP]`; the answer's positions. */
interface Row {
  first: number;
  passage: number;
  label?: [number, number];
}

function featuresOf(rows: readonly Row[]): Features {
  const features = new Features(10);
  for (const { first, passage } of rows) features.add(new Array(first + passage + 1).fill(1), first);
  const values = Float32Array.from(rows.flatMap(({ label }) => label ?? [-1, -1]));
  features.setLabels({ width: 2, values });
  return features;
}

/** `[CLS] q [SEP] a b c [SEP]` with the answer b c, and `[CLS] q [SEP] a [SEP]` without one. */
const ROWS: Row[] = [
  { first: 3, passage: 3, label: [4, 5] },
  { first: 3, passage: 1, label: [0, 0] },
  { first: 3, passage: 2, label: [-1, -1] },
];
const features = featuresOf(ROWS);

function targetsOf(answerSoftmax: AnswerSoftmax, rows: number[]) {
  const S = Math.max(...rows.map((row) => features.length(row)));
  // What was there of the batch before must go.
  const answer = new Float32Array(2 * rows.length * S).fill(9);
  const bias = new Float32Array(rows.length * S).fill(9);
  questionAnswering({ answerSoftmax }).writeTargets(features, rows, { answer, position_bias: bias });
  return { answer, bias, S };
}

const OUT = Math.fround(-1e9);

describe("targets", () => {
  it("mark the start and the end of each row's answer, padding and unsupervised rows not", () => {
    const { answer, S } = targetsOf("all", [1, 0, 2]);
    expect(S).toBe(7);
    const marked = [...answer.keys()].filter((i) => answer[i] === 1);
    // Row 1: start and end at 0; row 0: start 4, end 5.
    expect(marked).toEqual([0, S, 2 * S + 4, 3 * S + 5]);
    expect(answer.reduce((a, b) => a + b)).toBe(4);
  });

  it("let all positions of a row compete, but its padding", () => {
    const { bias } = targetsOf("all", [0, 1]);
    expect([...bias]).toEqual([0, 0, 0, 0, 0, 0, 0, ...[0, 0, 0, 0, 0, OUT, OUT]]);
  });

  it("or the passage alone, without question and [SEP]", () => {
    const { bias } = targetsOf("passage", [0, 1]);
    expect([...bias]).toEqual([OUT, OUT, OUT, 0, 0, 0, OUT, ...[OUT, OUT, OUT, 0, OUT, OUT, OUT]]);
  });

  it("count two for each supervised row, the sum over micro-batches", () => {
    const task = questionAnswering();
    expect([[0], [1], [2], [0, 1, 2]].map((rows) => task.lossCount(features, rows))).toEqual([2, 2, 0, 4]);
  });
});

describe("the loss", () => {
  const loss = async (answerSoftmax: AnswerSoftmax, rows: number[], logits: number[]) => {
    const graph = new Graph();
    const inputs = packedInputs(graph);
    const x = graph.input("logits", "float32", ["T", 2]);
    const answer = graph.input("answer", "float32", ["B", 2, "S"]);
    const bias = graph.input("bias", "float32", ["B", 1, "S"]);
    const targets = { answer, position_bias: bias };
    const sum = questionAnswering({ answerSoftmax }).loss(x, targets, inputs);
    const sizes = { B: rows.length, S: 7, T: logits.length / 2 };
    const slots = rows.flatMap((row, b) => Array.from({ length: features.length(row) }, (_, s) => 7 * b + s));
    const grid = Array.from({ length: 7 * rows.length }, (_, slot) => Math.max(0, slots.indexOf(slot)));
    const { answer: a, bias: b } = targetsOf(answerSoftmax, rows);
    const feeds = { [FEEDS.grid]: grid, [FEEDS.slots]: slots, logits, answer: a, bias: b };
    const result = await runGraph(graph, { sum }, feeds, sizes);
    return result.sum[0];
  };
  const nll = (scores: number[], at: number) =>
    Math.log(scores.reduce((sum, x) => sum + Math.exp(x), 0)) - scores[at];

  const starts = [1, 0.5, -1, 2, 3, 0, -2];
  const ends = [0, 1, 1, -1, 0.5, 2, 4];
  const other = [3, 1, 2, 0, -1];
  const zipped = (first: number[], second: number[]) => first.flatMap((x, i) => [x, second[i]]);

  it("over all positions, a row with an answer and one without", async () => {
    const expected = nll(starts, 4) + nll(ends, 5) + 2 * nll(other, 0);
    const logits = [...zipped(starts, ends), ...zipped(other, other)];
    expect(await loss("all", [0, 1], logits)).toBeCloseTo(expected, 5);
    // Micro-batches one by one, of another width each, are the same sum.
    expect(await loss("all", [0], zipped(starts, ends))).toBeCloseTo(nll(starts, 4) + nll(ends, 5), 5);
  });

  it("over the passage alone, whatever the scores of question and [SEP]", async () => {
    const expected = nll(starts.slice(3, 6), 1) + nll(ends.slice(3, 6), 2);
    expect(await loss("passage", [0], zipped(starts, ends))).toBeCloseTo(expected, 5);
    const loud = (scores: number[]) => scores.map((x, i) => (i < 3 || i > 5 ? 60 : x));
    expect(await loss("passage", [0], zipped(loud(starts), loud(ends)))).toBeCloseTo(expected, 5);
  });

  it.each(["all", "passage"] as const)("of a row alone is the same, over %s", async (answerSoftmax) => {
    const logits = zipped(starts, ends);
    const { sum, count } = questionAnswering({ answerSoftmax }).rowLoss(
      features,
      0,
      Float32Array.from(logits),
    );
    expect(sum).toBeCloseTo(await loss(answerSoftmax, [0], logits), 5);
    expect(count).toBe(2);
    const silent = questionAnswering({ answerSoftmax }).rowLoss(features, 2, new Float32Array(12));
    expect(silent).toEqual({ sum: 0, count: 0 });
  });

  it("is nothing for a row without supervision", async () => {
    const with0 = await loss("passage", [0], zipped(starts, ends));
    const silent = [9, 8, 7, 6, 5, 4];
    const both = await loss("passage", [0, 2], [...zipped(starts, ends), ...zipped(silent, silent)]);
    expect(both).toBeCloseTo(with0, 5);
  });
});

/** "w0 w1 w2 …": word i of the passage is its token i. */
function dataOf(
  questions: { answers: string[]; windows: { firstToken: number; passage: number }[] }[],
): QuestionData {
  const words = Array.from({ length: 10 }, (_, i) => `w${i}`);
  const offsets = Int32Array.from(words.flatMap((word, i) => [3 * i, 3 * i + word.length]));
  const windows = questions.flatMap((question, q) => question.windows.map((window) => ({ ...window, q })));
  return {
    features: featuresOf(windows.map(({ passage }) => ({ first: 2, passage }))),
    questions: questions.map(({ answers }, i) => ({
      id: `q${i}`,
      context: words.join(" "),
      answers,
      offsets,
    })),
    questionOf: windows.map(({ q }) => q),
    firstTokens: windows.map(({ firstToken }) => firstToken),
  };
}

/** Logits of a window: `score` for a span of its passage, `none` for `[CLS]`, little for the rest. */
function logitsOf(passage: number, start: number, end: number, score: number, none = -9): Float32Array {
  const logits = new Float32Array(2 * (passage + 3)).fill(-10);
  logits[0] = logits[1] = none / 2;
  logits[2 * (2 + start)] = score / 2;
  logits[2 * (2 + end) + 1] = score / 2;
  return logits;
}

describe("evaluation", () => {
  const window = (firstToken: number, passage = 5) => ({ firstToken, passage });
  const given = dataOf([
    { answers: ["w6 w7"], windows: [window(0), window(5)] },
    { answers: ["w1", "w1 w2"], windows: [window(0)] },
  ]);
  const logits = [logitsOf(5, 0, 1, 1), logitsOf(5, 1, 2, 3), logitsOf(5, 1, 2, 2)];
  const evaluate = (
    options: QuestionAnsweringOptions,
    data: QuestionData,
    rows: Float32Array[],
    order?: number[],
  ) => {
    const answers: Answers[] = [];
    const seen: number[] = [];
    const evaluation = questionAnswering(options).evaluation(data, (question, found) => {
      answers[question] = found;
      seen.push(question);
    });
    const buffer = new Float32Array(64);
    for (const row of order ?? rows.keys()) {
      // As the scorer gives them: overwritten afterwards.
      buffer.set(rows[row]);
      evaluation.update(row, buffer.subarray(0, rows[row].length));
      buffer.fill(99);
    }
    return { metrics: evaluation.compute(), answers, seen };
  };

  it("takes the best span of all windows of a question", () => {
    const { metrics, answers } = evaluate({}, given, logits);
    expect(metrics).toEqual({ exact_match: 1, f1: 1 });
    expect(answers.map(({ best }) => best.answer)).toEqual(["w6 w7", "w1 w2"]);
    expect(answers[0]).not.toHaveProperty("scoreDiff");
  });

  it("does not care for the order of the rows, and tells a question once its last window is there", () => {
    const expected = evaluate({}, given, logits);
    const mixed = evaluate({}, given, logits, [1, 2, 0]);
    expect(mixed.metrics).toEqual(expected.metrics);
    expect(mixed.answers).toEqual(expected.answers);
    expect([expected.seen, mixed.seen]).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it("keeps answers to the length that was asked for", () => {
    const { answers } = evaluate({ maxAnswerLength: 1 }, given, logits);
    expect(answers.map(({ best }) => best.answer.split(" ").length)).toEqual([1, 1]);
  });

  describe("where there may be no answer", () => {
    const unsure = dataOf([
      { answers: ["w0"], windows: [window(0, 3)] },
      { answers: [], windows: [window(0, 3), window(3, 3)] },
      { answers: ["w2"], windows: [window(0, 3)] },
    ]);
    // No answer less the best span: 0 - 4; 3 - 2, both of the second window, whose score of no answer is the smaller;
    // 3 - 1, where the span would have been right.
    const rows = [
      logitsOf(3, 0, 0, 4, 0),
      logitsOf(3, 0, 0, 1, 5),
      logitsOf(3, 0, 0, 2, 3),
      logitsOf(3, 2, 2, 1, 3),
    ];

    it("the threshold decides, and the scores of both kinds are there", () => {
      const { metrics, answers } = evaluate({ noAnswers: true }, unsure, rows);
      expect(answers.map(({ scoreDiff }) => scoreDiff)).toEqual([-4, 1, 2]);
      expect(answers.map(({ best }) => best.answer)).toEqual(["w0", "", ""]);
      expect(metrics).toMatchObject({
        exact_match: 2 / 3,
        HasAns_f1: 1 / 2,
        HasAns_total: 2,
        NoAns_f1: 1,
        NoAns_total: 1,
      });
      const all = evaluate({ noAnswers: true, nullScoreDiffThreshold: 5 }, unsure, rows);
      expect(all.answers.map(({ best }) => best.answer)).toEqual(["w0", "w3", "w2"]);
      expect(all.metrics).toMatchObject({ HasAns_f1: 1, NoAns_f1: 0 });
    });

    it("the best threshold does not depend on the one in use, and goes into config.json", () => {
      const [zero, five] = [0, 5].map(
        (nullScoreDiffThreshold) =>
          evaluate({ noAnswers: true, nullScoreDiffThreshold }, unsure, rows).metrics,
      );
      expect([zero.best_f1, zero.best_f1_thresh]).toEqual([five.best_f1, five.best_f1_thresh]);
      expect(zero.best_f1).toBeCloseTo(2 / 3, 12);
      const task = questionAnswering({ noAnswers: true });
      expect(task.configFields(zero)).toMatchObject({
        bertwright: { no_answers: true, null_score_diff_threshold: zero.best_f1_thresh },
      });
      // At that threshold the model is as good as that.
      const best = { noAnswers: true, nullScoreDiffThreshold: zero.best_f1_thresh };
      expect(evaluate(best, unsure, rows).metrics.f1).toBe(zero.best_f1);
    });

    it("where leaving all without an answer is best, the threshold in config.json does that", () => {
      // The script's best threshold is 0 then, at which both questions would be answered.
      const wrong = dataOf([
        { answers: ["w1"], windows: [window(0, 3)] },
        { answers: [], windows: [window(0, 3)] },
      ]);
      const sure = [logitsOf(3, 0, 0, 4, 0), logitsOf(3, 0, 0, 4, 3)];
      const { metrics } = evaluate({ noAnswers: true }, wrong, sure);
      expect([metrics.best_f1_thresh, metrics.best_f1 > metrics.f1]).toEqual([0, true]);
      const { bertwright } = questionAnswering({ noAnswers: true }).configFields(metrics);
      const { null_score_diff_threshold } = bertwright as { null_score_diff_threshold: number };
      const kept = { noAnswers: true, nullScoreDiffThreshold: null_score_diff_threshold };
      expect(evaluate(kept, wrong, sure).metrics.f1).toBe(metrics.best_f1);
    });

    it("metrics are the same in any order of the rows", () => {
      const expected = evaluate({ noAnswers: true }, unsure, rows).metrics;
      expect(evaluate({ noAnswers: true }, unsure, rows, [3, 2, 1, 0]).metrics).toEqual(expected);
      expect(evaluate({ noAnswers: true }, unsure, rows, [2, 0, 3, 1]).metrics).toEqual(expected);
    });
  });
});

it("the trivial answer is no answer, or always the same place", () => {
  const given = dataOf([
    { answers: [], windows: [{ firstToken: 0, passage: 3 }] },
    { answers: ["w0"], windows: [{ firstToken: 0, passage: 3 }] },
  ]);
  const task = questionAnswering({ noAnswers: true });
  const evaluation = task.evaluation(given);
  const answer = task.trivialAnswer(given);
  for (const row of [0, 1]) evaluation.update(row, answer(given.features.length(row)));
  expect(evaluation.compute()).toMatchObject({ exact_match: 0.5, NoAns_f1: 1, HasAns_f1: 0 });
});

it("config.json has what predictions need", () => {
  const task = questionAnswering({ answerSoftmax: "passage", maxAnswerLength: 12 });
  expect(task.configFields({})).toEqual({
    bertwright: {
      task: "question-answering",
      answer_softmax: "passage",
      no_answers: false,
      null_score_diff_threshold: 0,
      max_answer_length: 12,
    },
  });
});
