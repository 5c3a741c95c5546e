/** Reports of small question files, checked by hand. */
import { describe, expect, it } from "vitest";
import { CONTEXT, PREDICT, qa, squad } from "../../../test/helpers/questions.ts";
import { type InspectQuestionsOptions, inspectQuestions } from "./inspect-questions.ts";
import { type QuestionExample, questionsFromRows, questionsOf } from "./questions/questions.ts";
import { formatReport } from "./report.ts";
import { sourceFromText } from "./source.ts";

const squadFile = (qas: object[], name = "train.json", context?: string) =>
  questionsOf(sourceFromText(name, JSON.stringify(squad(qas, context))), PREDICT);

const NONE = { answers: [], is_impossible: true };
const TRAIN = [
  qa(),
  qa({ id: "q2", answers: [{ text: "912", answer_start: 16 }] }),
  qa({ id: "q3", question: "Who climbed it?", ...NONE }),
  qa({
    id: "q4",
    question: "What is below?",
    answers: [
      { text: "Elm Lake", answer_start: 28 },
      { text: "Lake", answer_start: 32 },
    ],
  }),
];
const DEV = [qa(), qa({ id: "q2", question: "Who?", ...NONE }), qa({ id: "q3", question: "Why?", ...NONE })];

/** A token a word. */
const tokenize = ({ question, context, answers }: QuestionExample) => {
  const count = (text: string) => text.split(" ").length;
  const tokens = count(question) + count(context) + 3;
  return {
    question: count(question),
    tokens,
    windows: tokens > 18 ? 2 : 1,
    answers: answers.map(({ text }) => count(text)),
  };
};

const inspect = async (options: Partial<InspectQuestionsOptions> = {}) =>
  inspectQuestions({
    train: await squadFile(TRAIN),
    validation: await squadFile(DEV, "dev.json"),
    ...options,
  });

describe("questions", () => {
  it("are counted with answers, passages, repeats and overlaps", async () => {
    const report = await inspect({ tokenize, maxLength: 18, maxAnswerLength: 1 });
    expect(report.train).toMatchObject({
      unit: "question",
      rows: 4,
      passages: 1,
      answered: 3,
      unanswerable: 1,
      withoutAnswers: { rows: 0 },
      answers: { count: 4, most: 2 },
      answerWords: { max: 2 },
      answerTokens: { max: 2, exceeding: { limit: 1, rows: 2 } },
      questionTokens: { median: 3, max: 5 },
      lengths: { max: 19, exceeding: { limit: 18, rows: 2 } },
      windows: { count: 6, split: 2 },
      duplicates: { rows: 1, examples: [{ line: 2, first: 1 }] },
      conflicts: { rows: 1, examples: [{ line: 2, first: 1 }] },
      misplaced: { count: 0, examples: [] },
      unusable: { count: 0, examples: [] },
    });
    expect(report.validation).toMatchObject({
      inTrain: { rows: 1, examples: [{ line: 1, first: 1 }] },
      passagesInTrain: { rows: 1, examples: [{ line: 1, first: 1 }] },
    });
    expect(report.baseline).toEqual({ on: "dev.json", prediction: "", metric: "exact_match", value: 2 / 3 });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("are said in plain lines", async () => {
    const { layout: _, ...train } = await squadFile(TRAIN);
    const report = await inspect({
      train: { ...train, layout: "SQuAD JSON, version 1.1" },
      validation: undefined,
      tokenize,
      maxLength: 18,
      maxAnswerLength: 1,
    });
    expect(formatReport(report)).toBe(
      `train.json: 4 questions, 1 passage
  read as SQuAD JSON, version 1.1
  3 with an answer; 1 without, as the file says; 4 answers, up to 2 a question
  words an answer          median 1, 95 % up to 2, 99 % up to 2, longest 2
  tokens an answer         median 1, 95 % up to 2, 99 % up to 2, longest 2
  tokens a question        median 3, 95 % up to 5, 99 % up to 5, longest 5
  tokens with the passage  median 17, 95 % up to 19, 99 % up to 19, longest 19
  6 windows of up to 18 tokens, several for 2 questions
Baseline: always no answer has exact match and f1 0.2500 on train.json.
train.json: 2 answers longer than 1 token, which is the longest that is predicted (--max-answer-length).
train.json: 1 question asked of the same passage before (question 2 = 1), with other answers (question 2 = 1).`,
    );
  });

  it("have no baseline and nothing of tokens where each has an answer and no tokenizer is there", async () => {
    const report = await inspectQuestions({ train: await squadFile([qa()]) });
    expect(report).not.toHaveProperty("baseline");
    expect(report.train.windows).toBeUndefined();
    expect(formatReport(report)).not.toMatch(/token|window/);
  });

  it("of another passage are others", async () => {
    const report = await inspect({
      validation: await squadFile([qa()], "dev.json", `${CONTEXT} It is cold.`),
    });
    expect(report.validation).toMatchObject({ inTrain: { rows: 0 }, passagesInTrain: { rows: 0 } });
  });
});

describe("answers that cannot be right", () => {
  const rows = [
    { question: "a?", context: CONTEXT, answers: { text: ["912"], answer_start: [3] } },
    { question: "b?", context: CONTEXT, answers: { text: ["1,000"], answer_start: [16] } },
    { question: "c?", context: CONTEXT, answers: { text: ["912"], answer_start: ["16"] } },
    { question: "d?", context: CONTEXT },
    { question: "e?", context: CONTEXT, answers: { text: ["912"], answer_start: [16] } },
  ];

  it("are listed, and none stops the report", async () => {
    const report = await inspectQuestions({ train: await questionsFromRows(rows, PREDICT, "rows") });
    expect(report.train).toMatchObject({
      unit: "row",
      answered: 2,
      withoutAnswers: { rows: 3, examples: [{ line: 2 }, { line: 3 }, { line: 4 }] },
      misplaced: { count: 1, examples: [{ line: 1 }] },
      unusable: { count: 2, examples: [{ line: 2 }, { line: 3 }] },
    });
    const lines = formatReport(report).split("\n");
    expect(lines).toContain("  2 with an answer; 3 where it gives none");
    expect(lines.slice(-6)).toEqual([
      "rows: 2 answers that cannot be used; correct them or leave the questions out:",
      '  rows:2: "1,000" is nowhere in the passage',
      '  rows:3: the "answer_start" of "912" is the text "16"; a number from 0 is needed',
      "rows: 1 answer not where the file says; --fix-answer-offsets moves it:",
      '  rows:1: "912" is at 16, the file says 3',
      "rows: 3 questions with neither an answer nor the word that there is none (rows 2, 3, 4).",
    ]);
  });

  it("are counted where there are more than are listed", async () => {
    const many = Array.from({ length: 8 }, (_, i) => ({ ...rows[0], question: `${i}?` }));
    const report = await inspectQuestions({ train: await questionsFromRows(many, PREDICT, "rows") });
    expect(formatReport(report)).toMatch(
      /8 answers not where the file says.*(\n {2}rows:.*){5}\n {2}… 3 more$/,
    );
  });
});
