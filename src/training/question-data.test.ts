/** Questions to features: where an answer stands in which window, and what is said of those that stand nowhere. */
import { describe, expect, it } from "vitest";
import { VOCABULARY } from "../../test/cli/tiny-model.ts";
import { createTokenizer } from "../text/tokenizer/tokenizer.ts";
import { InputError } from "../util/errors.ts";
import type { DataInput, QuestionRow } from "./options.ts";
import { type QuestionDataOptions, type QuestionDataset, readQuestionData } from "./question-data.ts";

const tokenizer = createTokenizer({ vocab: VOCABULARY.join("\n") });

const read = (input: DataInput, options: Partial<QuestionDataOptions> = {}): Promise<QuestionDataset> =>
  readQuestionData(input, { tokenizer, maxSeqLength: 24, ...options });

const row = (context: string, answer: string | undefined, question = "the film"): QuestionRow => ({
  question,
  context,
  answers: answer === undefined ? [] : [{ text: answer, answer_start: context.indexOf(answer) }],
});

/** `[CLS] the film [SEP]`. */
const FIRST = 4;
/** 40 words of one token each; "great" is the 21st. */
const LONG = Array.from({ length: 40 }, (_, i) => (i === 20 ? "great" : "was")).join(" ");

const labelsOf = ({ features }: QuestionDataset) =>
  Array.from({ length: features.rows }, (_, i) => [...features.label(i)]);

/** The tokens that a label holds, as text. */
function answersOf({ features }: QuestionDataset): string[] {
  return Array.from({ length: features.rows }, (_, i) => {
    const [start, end] = features.label(i);
    return [...features.inputIds(i)]
      .slice(start, end + 1)
      .map((id) => VOCABULARY[id])
      .join(" ");
  });
}

describe("labels", () => {
  it("are the first and the last token of the answer", async () => {
    const data = await read([row("a day was very good and sad", "very good")]);
    expect(labelsOf(data)).toEqual([[FIRST + 3, FIRST + 4]]);
    expect(answersOf(data)).toEqual(["very good"]);
    expect([data.noAnswers, data.pair, data.labels]).toEqual([false, true, []]);
    expect(data.questions[0]).toMatchObject({ id: "1", answers: ["very good"] });
  });

  it("hold a whole token where the answer is part of one, and count no emoji twice", async () => {
    expect(answersOf(await read([row("😀 the great day 😀 sad", "grea")]))).toEqual(["great"]);
    expect(answersOf(await read([row("😀 the great day 😀 sad", "sad")]))).toEqual(["sad"]);
  });

  it("are of the first answer, and all are kept for scoring", async () => {
    const context = "a day was good";
    const answers = ["good", "was good"].map((text) => ({ text, answer_start: context.indexOf(text) }));
    const data = await read([{ question: "the film", context, answers }]);
    expect(answersOf(data)).toEqual(["good"]);
    expect(data.questions[0].answers).toEqual(["good", "was good"]);
  });

  it("are [CLS] where there is no answer", async () => {
    const data = await read([row("a day", undefined), row("a day", "day")]);
    expect(labelsOf(data)).toEqual([
      [0, 0],
      [FIRST + 1, FIRST + 1],
    ]);
    expect([data.noAnswers, data.questions[0].answers]).toEqual([true, []]);
  });
});

describe("a long passage", () => {
  it("is windows; those without the answer say so", async () => {
    const data = await read([row("a day", "day"), row(LONG, "great")], { docStride: 5 });
    const { features } = data;
    // 19 tokens of the passage a window, 14 on from one to the next.
    expect([...Array.from(data.questionOf)]).toEqual([0, 1, 1, 1]);
    expect([...Array.from(data.firstTokens)]).toEqual([0, 0, 14, 28]);
    expect(labelsOf(data).slice(1)).toEqual([
      [0, 0],
      [FIRST + 6, FIRST + 6],
      [0, 0],
    ]);
    expect(Array.from({ length: 4 }, (_, i) => features.firstLength(i))).toEqual([4, 4, 4, 4]);
    expect(data.examples).toBe(2);
    expect(data.notes).toEqual(["1 with passages longer than 24 tokens, read in overlapping windows"]);
  });

  it("counts steps where that was asked for", async () => {
    const data = await read([row(LONG, "great")], { docStep: 7 });
    expect([...Array.from(data.firstTokens)]).toEqual([0, 7, 14, 21]);
    expect(answersOf(data)).toEqual(["[CLS]", "great", "great", "[CLS]"]);
  });

  it("teaches nothing without the answer where only the passage competes", async () => {
    const data = await read([row(LONG, "great")], { docStride: 5, answerSoftmax: "passage" });
    expect(answersOf(data)).toEqual(["great"]);
    expect([...Array.from(data.firstTokens)]).toEqual([14]);
  });

  it("cannot be learned from where [CLS] is no choice and a question has no answer", async () => {
    const none = { question: "the film", context: "a day", answers: [] };
    await expect(read([none, row("a day", "day")], { answerSoftmax: "passage" })).rejects.toThrow(
      "1 question has no answer, which a softmax over the passage alone cannot give.",
    );
  });

  it("is scored whole all the same", async () => {
    const known = { answerSoftmax: "passage" } as const;
    const data = await read([row(LONG, "great")], { docStride: 5, known });
    expect(labelsOf(data)).toEqual([
      [-1, -1],
      [FIRST + 6, FIRST + 6],
      [-1, -1],
    ]);
  });

  it("whose answer is in no window whole is told", async () => {
    const context = LONG.replace(/was/g, (word, at: number) => (at % 3 ? word : "is"));
    const answer = context.split(" ").slice(16, 24).join(" ");
    const options = { docStride: 2, answerSoftmax: "passage" } as const;
    const data = await read([row(context, answer), row("a day", "day")], options);
    expect(answersOf(data)).toEqual(["day"]);
    expect(data.examples).toBe(2);
    expect(data.notes).toContain("1 whose answer is in no window whole, left out");
    await expect(read([row(context, answer)], options)).rejects.toThrow("no question has its whole answer");
    // Where [CLS] competes each window says that it has none.
    const all = await read([row(context, answer)], { docStride: 2 });
    expect(labelsOf(all)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(all.notes).toContain("1 whose answer is in no window whole, learned as without an answer");
    const scored = await read([row(context, answer)], { docStride: 2, known: { answerSoftmax: "all" } });
    expect(scored.notes.join()).not.toContain("in no window");
  });

  it("has tokens that are the same for all its questions", async () => {
    const data = await read([row("a day", "a"), row("a day", "day", "is"), row("a film", "film")]);
    expect(data.questions[1].offsets).toBe(data.questions[0].offsets);
    expect([...data.questions[2].offsets]).toEqual([0, 1, 2, 6]);
  });
});

it("of rows that are only trained on no text is kept", async () => {
  const rows = [row("a day", "day"), row(LONG, "great"), row("a film", undefined)];
  const scored = await read(rows, { docStride: 5 });
  const trained = await read(rows, { docStride: 5, trainingOnly: true });
  expect(labelsOf(trained)).toEqual(labelsOf(scored));
  const { questions, questionOf, firstTokens, examples, noAnswers, notes } = trained;
  expect([examples, noAnswers, notes]).toEqual([3, true, scored.notes]);
  expect([questions.length, questionOf.length, firstTokens.length]).toEqual([0, 0, 0]);
});

describe("questions", () => {
  it("that are too long are cut and counted", async () => {
    const question = "the film ".repeat(20);
    const data = await read([row("a day", "day", question), row("a day", "day")], { maxQuestionLength: 10 });
    expect(data.truncated).toBe(1);
    expect(data.features.firstLength(0)).toBe(12);
    expect(answersOf(data)).toEqual(["day", "day"]);
  });

  it("that leave no room for the passage are refused", async () => {
    const reading = read([row("a day", "day", "the film ".repeat(20))]);
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(/rows in memory.*question 1.*--max-question-length/s);
  });
});

describe("answers", () => {
  const moved = { question: "the film", context: "a sad day", answers: [{ text: "day", answer_start: 5 }] };

  it("that stand elsewhere are refused, or moved and told", async () => {
    await expect(read([moved])).rejects.toThrow('"day" is at 6, the file says 5');
    const data = await read([moved], { fixAnswerOffsets: true });
    expect(answersOf(data)).toEqual(["day"]);
    expect(data.notes).toEqual(["1 answer moved to where it stands in its passage"]);
  });

  it("that are missing cannot be learned by a softmax over the passage alone", async () => {
    const rows = [row("a day", "day"), row("a day", undefined, "is")];
    const reading = read(rows, { answerSoftmax: "passage" });
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow("--answer-softmax all");
    // What such a model answers may be measured.
    expect((await read(rows, { known: { answerSoftmax: "passage" } })).examples).toBe(2);
  });

  it("are checked without a tokenizer as well", async () => {
    const data = await read([row("a day", "day")], { tokenizer: undefined });
    expect([data.features.rows, data.examples]).toEqual([0, 1]);
    await expect(read([moved], { tokenizer: undefined })).rejects.toThrow("the file says 5");
  });
});

it("stops on an abort", async () => {
  const rows = Array.from({ length: 256 }, (_, i) => row("a day", "day", `is ${i}`));
  await expect(read(rows, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});
