import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTokenizer } from "../../text/tokenizer/tokenizer.ts";
import { InputError, UsageError } from "../../util/errors.ts";
import {
  answerPositions,
  checkWindowOptions,
  encodePassage,
  encodeQuestion,
  WINDOW_DEFAULTS,
} from "./windows.ts";

const VOCAB = join(import.meta.dirname, "../../../test/fixtures/vocab/uncased-vocab.txt");
const tokenizer = createTokenizer({ vocab: readFileSync(VOCAB, "utf8"), lowercase: true });

const QUESTION = "Who keeps the bees?"; // 5 tokens, 7 with [CLS] and [SEP]
const PASSAGE =
  "Ilse keeps bees on the roof 😀 of a café; her brother sells the honey on Saturdays, " +
  "and in winter both of them repair the hives with wood from the harbour.";

const options = (given: Partial<typeof WINDOW_DEFAULTS> = {}) => ({ ...WINDOW_DEFAULTS, ...given });
const encode = (given: Partial<typeof WINDOW_DEFAULTS>, question = QUESTION, context = PASSAGE) =>
  encodeQuestion(tokenizer, question, context, options(given));
const tokensOf = (ids: Int32Array) => Array.from(ids, (id) => tokenizer.decodeToken(id)).join(" ");
const spans = ({ windows }: ReturnType<typeof encode>) =>
  windows.map(({ inputIds, firstLength, firstToken }) => [
    firstToken,
    firstToken + inputIds.length - firstLength - 1,
  ]);

describe("windows", () => {
  it("are one where the passage fits", () => {
    const { windows, questionTruncated } = encode({}, "Who?", "Ilse keeps bees.");
    expect(windows.map(({ inputIds }) => tokensOf(inputIds))).toEqual([
      "[CLS] who ? [SEP] il ##se keeps bees . [SEP]",
    ]);
    expect(windows[0]).toMatchObject({ firstLength: 4, firstToken: 0 });
    expect(questionTruncated).toBe(false);
  });

  it.each([
    [24, 4],
    [24, 0],
    [19, 10],
    [30, 12],
    [384, 128],
  ])(
    "are the reference's, which the tokenizer's own are checked against (%i/%i)",
    (maxSeqLength, docStride) => {
      const { windows, offsets } = encode({ maxSeqLength, docStride });
      const expected = tokenizer.encodeWindows(QUESTION, PASSAGE, {
        maxLength: maxSeqLength,
        truncation: "only_second",
        stride: docStride,
      });
      expect(windows.map(({ inputIds }) => [...inputIds])).toEqual(
        expected.map(({ inputIds }) => [...inputIds]),
      );
      for (const [i, { inputIds, firstLength, firstToken }] of windows.entries()) {
        const count = inputIds.length - firstLength - 1;
        const shared = offsets.subarray(2 * firstToken, 2 * (firstToken + count));
        expect([...shared]).toEqual([...expected[i].offsets.subarray(2 * firstLength, -2)]);
        expect(expected[i].tokenTypeIds.indexOf(1)).toBe(firstLength);
      }
    },
  );

  it("share the passage's offsets, which cut out its own characters", () => {
    const { offsets } = encode({ maxSeqLength: 24, docStride: 4 });
    const surfaces = Array.from({ length: offsets.length / 2 }, (_, i) =>
      PASSAGE.slice(offsets[2 * i], offsets[2 * i + 1]),
    );
    expect(surfaces.join("")).toBe(PASSAGE.replaceAll(" ", ""));
    expect(surfaces).toEqual(expect.arrayContaining(["😀", "café"]));
  });

  it("are the same from a passage that was encoded before", () => {
    const passage = encodePassage(tokenizer, PASSAGE);
    const given = options({ maxSeqLength: 24, docStride: 4 });
    const again = encodeQuestion(tokenizer, QUESTION, passage, given);
    expect(again).toEqual(encode({ maxSeqLength: 24, docStride: 4 }));
    expect(again.offsets).toBe(passage.offsets);
  });

  it("start docStep apart, and never so far that a token is passed over", () => {
    const step = spans(encode({ maxSeqLength: 24, docStep: 10 })); // 16 of the passage fit
    expect(step.slice(0, 3).map(([from]) => from)).toEqual([0, 10, 20]);
    const far = spans(encode({ maxSeqLength: 24, docStep: 100 }));
    expect(far.slice(0, 2)).toEqual([
      [0, 16],
      [16, 32],
    ]);
  });

  it("overlap by half where the stride does not fit beside a long question", () => {
    const starts = spans(encode({ maxSeqLength: 24, docStride: 16 })).map(([from]) => from);
    expect(starts.slice(0, 3)).toEqual([0, 8, 16]);
    const one = spans(encode({ maxSeqLength: 9 })); // room for a single token
    expect(one.slice(0, 3)).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  it("cut a long question to its first pieces", () => {
    const { windows, questionTruncated } = encode({ maxQuestionLength: 2 }, QUESTION, "Ilse.");
    expect(tokensOf(windows[0].inputIds)).toBe("[CLS] who keeps [SEP] il ##se . [SEP]");
    expect(questionTruncated).toBe(true);
    expect(encode({ maxQuestionLength: 5 }, QUESTION, "Ilse.").questionTruncated).toBe(false);
  });

  it("do not depend on white space around the question", () => {
    expect(encode({}, `  ${QUESTION}\n`)).toEqual(encode({}));
  });

  it.each(["", " \n", "\u0000"])("are one without passage tokens for the passage %j", (context) => {
    const { windows, offsets } = encode({}, QUESTION, context);
    expect(windows.map(({ inputIds }) => tokensOf(inputIds))).toEqual([
      "[CLS] who keeps the bees ? [SEP] [SEP]",
    ]);
    expect(offsets).toHaveLength(0);
  });

  it("refuse a question that leaves no room", () => {
    expect(() => encode({ maxSeqLength: 8 })).toThrow(InputError);
    expect(() => encode({ maxSeqLength: 8 })).toThrow(/maximum length 8: a question of 5 tokens/);
  });
});

describe("checkWindowOptions", () => {
  it.each([
    [{ maxSeqLength: 4 }, "--max-seq-length 4"],
    [{ maxSeqLength: 10.5 }, "--max-seq-length 10.5"],
    [{ docStride: -1 }, "--doc-stride -1"],
    [{ docStep: 0 }, "--doc-step 0"],
    [{ maxQuestionLength: Number.NaN }, "--max-question-length NaN"],
  ])("refuses %j", (given, message) => {
    expect(() => checkWindowOptions(options(given))).toThrow(UsageError);
    expect(() => checkWindowOptions(options(given))).toThrow(message);
  });

  it("takes the defaults and the least of each", () => {
    checkWindowOptions(options());
    checkWindowOptions({ maxSeqLength: 5, docStride: 0, docStep: 1, maxQuestionLength: 1 });
  });
});

describe("answerPositions", () => {
  const whole = encode({});
  const parts = encode({ maxSeqLength: 24, docStride: 4 });
  /** The answer's positions in each window, as tokens. */
  const held = ({ windows, offsets }: typeof whole, answer: string) => {
    const from = PASSAGE.indexOf(answer);
    return windows.map((window) => {
      const at = answerPositions(window, offsets, from, from + answer.length);
      return at && tokensOf(window.inputIds.subarray(at[0], at[1] + 1));
    });
  };

  it.each([
    ["Ilse", "il ##se"],
    ["the roof 😀 of a café", "the roof [UNK] of a cafe"],
    ["harbour.", "harbour ."],
    ["bees", "bees"],
  ])("are those of %j", (answer, tokens) => expect(held(whole, answer)).toEqual([tokens]));

  it("take in a token that the answer only touches", () => {
    expect(held(whole, "aturday")).toEqual(["saturdays"]);
  });

  it("leave out tokens beyond white space at the answer's ends", () => {
    expect(held(whole, " her brother ")).toEqual(["her brother"]);
  });

  it("are all pieces of one character", () => {
    // A syllable of Hangul is taken apart into letters that share its offsets.
    const { windows, offsets } = encode({}, QUESTION, "a 각 b");
    const pieces = offsets.length / 2 - 2;
    expect(pieces).toBeGreaterThan(1);
    const first = windows[0].firstLength + 1;
    expect(answerPositions(windows[0], offsets, 2, 3)).toEqual([first, first + pieces - 1]);
  });

  it("are only in windows that hold the whole answer", () => {
    const answer = "of a café; her brother sells the";
    // Windows are of the passage's tokens 0-16, 12-28, ...; the answer is tokens 8-16.
    const later = parts.windows.slice(1).map(() => undefined);
    expect(held(parts, answer)).toEqual(["of a cafe ; her brother sells the", ...later]);
    expect(held(parts, "café; her brother sells the honey on")).toEqual([undefined, ...later]);
  });

  it("are in every window of an overlap, and where a window begins or ends with the answer", () => {
    expect(spans(parts).slice(0, 2)).toEqual([
      [0, 16],
      [12, 28],
    ]);
    const overlap = parts.offsets.subarray(2 * 12, 2 * 16);
    const positions = parts.windows.map((w) => answerPositions(w, parts.offsets, overlap[0], overlap[7]));
    expect(positions.slice(0, 2)).toEqual([
      [7 + 12, 7 + 15],
      [7, 7 + 3],
    ]);
    expect(positions.slice(2).every((p) => p === undefined)).toBe(true);
  });

  it.each([
    ["white space alone", 4, 5],
    ["nothing", 2, 2],
    ["beyond the passage", PASSAGE.length, PASSAGE.length + 3],
  ])("are none for %s", (_, from, to) => {
    expect(answerPositions(whole.windows[0], whole.offsets, from, to)).toBeUndefined();
  });

  it("are none in a window without passage tokens", () => {
    const { windows, offsets } = encode({}, QUESTION, "");
    expect(answerPositions(windows[0], offsets, 0, 1)).toBeUndefined();
  });
});
