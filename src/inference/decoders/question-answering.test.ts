/** Logits made by hand to answers in the passage's characters. */
import { describe, expect, it } from "vitest";
import { VOCABULARY } from "../../../test/cli/tiny-model.ts";
import { type QuestionAnsweringOptions, questionAnswering } from "../../tasks/question-answering/task.ts";
import { createTokenizer } from "../../text/tokenizer/tokenizer.ts";
import type { Row } from "../../training/options.ts";
import { InputError, UsageError } from "../../util/errors.ts";
import { questionAnsweringDecoder } from "./question-answering.ts";

const tokenizer = createTokenizer({ vocab: VOCABULARY.join("\n") });
const decoderOf = (options: QuestionAnsweringOptions = {}) =>
  questionAnsweringDecoder(questionAnswering(options), tokenizer, { maxSeqLength: 20 });

/** Start and end scores by piece; those of `[CLS]` say how likely there is no answer. */
function predict(
  context: string,
  scores: Readonly<Record<string, readonly [start: number, end: number]>>,
  { topK, ...options }: QuestionAnsweringOptions & { topK?: number } = {},
) {
  const { windows, decode } = decoderOf(options).encode({ question: "the film", context });
  const logits = windows.map(({ inputIds }) =>
    Float32Array.from(Array.from(inputIds, (id) => [...(scores[VOCABULARY[id]] ?? [0, 0])]).flat()),
  );
  return { windows: windows.length, ...decode(logits, { topK }) };
}

describe("the best span", () => {
  it("is the passage's own text, whatever its pieces", () => {
    const context = "a 😀 Fine  DAY, é xyz";
    expect(predict(context, { fine: [5, 0], day: [0, 5] })).toMatchObject({
      answer: "Fine  DAY",
      start: 5,
      end: 14,
    });
    // A piece inside of a word.
    expect(predict(context, { "##y": [5, 5] })).toMatchObject({ answer: "y", start: 19, end: 20 });
  });

  it("is never of the question or a special token", () => {
    const scores = { film: [9, 9], "[SEP]": [9, 9], "[CLS]": [9, 9], good: [1, 1] } as const;
    expect(predict("a good day", scores).answer).toBe("good");
  });

  it("is the best of all windows", () => {
    const words = Array.from({ length: 100 }, (_, i) => (i === 77 ? "great" : "very"));
    const context = words.join(" ");
    const found = predict(context, { great: [3, 3] });
    expect(found.windows).toBeGreaterThan(5);
    expect([found.answer, found.start]).toEqual(["great", context.indexOf("great")]);
  });

  it("is no longer than was asked for", () => {
    const scores = { good: [5, 0], day: [0, 5] } as const;
    expect(predict("good very day", scores).answer).toBe("good very day");
    expect(predict("good very day", scores, { maxAnswerLength: 2 }).answer).not.toBe("good very day");
  });
});

describe("no answer", () => {
  const scores = { good: [2, 2], "[CLS]": [3, 3] } as const;

  it("is given above the threshold alone", () => {
    // 6 against 4.
    const none = { answer: "", start: 0, end: 0 };
    expect(predict("a good day", scores, { noAnswers: true })).toMatchObject(none);
    expect(predict("a good day", scores, { noAnswers: true, nullScoreDiffThreshold: 1.9 })).toMatchObject(
      none,
    );
    expect(predict("a good day", scores, { noAnswers: true, nullScoreDiffThreshold: 2 }).answer).toBe("good");
    expect(predict("a good day", scores).answer).toBe("good");
  });

  it("is among the ranked ones, with its probability", () => {
    const { top, score } = predict("good", scores, { noAnswers: true, topK: 5 });
    expect(top!.map(({ answer }) => answer)).toEqual(["", "good"]);
    expect(top![0].score).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    expect(score).toBe(top![0].score);
    expect(predict("good", scores, { topK: 5 }).top!.map(({ answer }) => answer)).toEqual(["good"]);
  });
});

it("as many answers as were asked for, also above 20", () => {
  const context = "good day ".repeat(4).trim();
  expect(predict(context, {}, { topK: 36 }).top).toHaveLength(36);
  expect(predict(context, {}, { topK: 99 }).top).toHaveLength(36);
  expect(predict(context, {})).not.toHaveProperty("top");
});

it("needs a question and a passage", () => {
  expect(decoderOf().row("the film", "a day")).toEqual({ question: "the film", context: "a day" });
  expect(() => decoderOf().row("the film")).toThrow(UsageError);
  for (const row of [{ question: "the film" }, { context: "a day" }, { question: 7, context: "a" }])
    expect(() => decoderOf().encode(row as unknown as Row)).toThrow(InputError);
});
