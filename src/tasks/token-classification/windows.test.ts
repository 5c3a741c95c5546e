import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTokenizer } from "../../text/tokenizer/tokenizer.ts";
import { InputError } from "../../util/errors.ts";
import { type EncodedSentence, encodeText, encodeWords, wordsOfText } from "./windows.ts";

const VOCAB = join(import.meta.dirname, "../../../test/fixtures/vocab/uncased-vocab.txt");
const tokenizer = createTokenizer({ vocab: readFileSync(VOCAB, "utf8") });

const tokens = (ids: Int32Array) => Array.from(ids, (id) => tokenizer.decodeToken(id)).join(" ");

/** Words in the order in which windows predict them. */
const predicted = ({ windows }: EncodedSentence) =>
  windows.flatMap(({ firstPieces }) => [...firstPieces].filter((word) => word >= 0));

const count = (n: number) => Array.from({ length: n }, (_, i) => i);

describe("a sentence that fits", () => {
  const words = ["Re-wired", "\u200b", "lamps", "", "unaffable"];
  const sentence = encodeWords(tokenizer, words, { maxSeqLength: 16 });

  it("is one window", () => {
    expect(sentence.windows).toHaveLength(1);
    const [{ inputIds, firstPieces, pieces, offsets }] = sentence.windows;
    expect(tokens(inputIds)).toBe("[CLS] re - wired lamps una ##ffa ##ble [SEP]");
    expect([...firstPieces]).toEqual([-1, 0, -1, -1, 2, 4, -1, -1, -1]);
    expect([...pieces]).toEqual([-1, 0, 0, 0, 2, 4, 4, 4, -1]);
    expect([...offsets]).toEqual([-1, -1, 0, 2, 2, 3, 3, 8, 0, 5, 0, 3, 3, 6, 6, 9, -1, -1]);
  });

  it("names the words without a piece", () => {
    expect(sentence).toMatchObject({ words: 5, withoutPieces: [1, 3] });
  });

  it.each([[[]], [["\u0007", " "]]])("has no window where there is nothing to predict: %j", (none) => {
    const encoded = encodeWords(tokenizer, none, { maxSeqLength: 16 });
    expect(encoded).toEqual({ windows: [], words: none.length, withoutPieces: count(none.length) });
  });
});

describe("a sentence that does not fit", () => {
  it("is predicted word by word where the poorer side has most context, the earlier window of equal ones", () => {
    const words = "a b c d e f g h i j".split(" ");
    const { windows } = encodeWords(tokenizer, words, { maxSeqLength: 8, stride: 4 });
    // Of a to f, words 0..5: 2 has as many on its poorer side in both windows, 3 more in the second.
    expect(windows.map(({ inputIds }) => tokens(inputIds))).toEqual([
      "[CLS] a b c d e f [SEP]",
      "[CLS] c d e f g h [SEP]",
      "[CLS] e f g h i j [SEP]",
    ]);
    expect(windows.map(({ firstPieces }) => [...firstPieces].filter((word) => word >= 0))).toEqual([
      [0, 1, 2, 3],
      [4, 5],
      [6, 7, 8, 9],
    ]);
  });

  it("has the tokenizer's windows, by default with a quarter of the length in common", () => {
    const words = count(90).map((i) => (i % 7 === 0 ? "unaffable" : "lamp"));
    const { windows } = encodeWords(tokenizer, words, { maxSeqLength: 32 });
    const reference = tokenizer.encodeWindows(words, undefined, { maxLength: 32, stride: 8 });
    expect(windows.map(({ inputIds }) => inputIds)).toEqual(reference.map(({ inputIds }) => inputIds));
    expect(windows.map(({ offsets }) => offsets)).toEqual(reference.map(({ offsets }) => offsets));
  });

  it("keeps a word whole where a window holds all of it, though another has more before it", () => {
    const words = ["a", "b", "c", "unaffable", "d", "e", "f"];
    const { windows } = encodeWords(tokenizer, words, { maxSeqLength: 7, stride: 3 });
    expect(windows.map(({ inputIds }) => tokens(inputIds))).toEqual([
      "[CLS] a b c una ##ffa [SEP]",
      "[CLS] c una ##ffa ##ble d [SEP]",
      "[CLS] ##ffa ##ble d e f [SEP]",
    ]);
    expect(windows.map(({ pieces }) => [...pieces])).toEqual([
      [-1, 0, 1, 2, -1, -1, -1],
      [-1, -1, 3, 3, 3, -1, -1],
      [-1, -1, -1, 4, 5, 6, -1],
    ]);
  });

  it("predicts a word longer than a window once, and leaves out windows amid it", () => {
    const words = ["a", "-".repeat(40), "b"];
    const sentence = encodeWords(tokenizer, words, { maxSeqLength: 8, stride: 2 });
    expect(predicted(sentence)).toEqual([0, 1, 2]);
    expect(sentence.windows).toHaveLength(2);
  });

  it.each([
    [3, undefined],
    [4, undefined],
    [5, undefined],
    [16, 0],
    [16, 13],
    [128, undefined],
    [512, 100],
  ])("predicts every word once and in order, windows of %s tokens, stride %s", (maxSeqLength, stride) => {
    const kinds = ["lamp", "unaffable", "re-wired", "...", "antidisestablishmentarianism", "É"];
    const words = count(600).map((i) => kinds[(i * i + (i >> 3)) % kinds.length]);
    const sentence = encodeWords(tokenizer, words, { maxSeqLength, stride });
    expect(predicted(sentence)).toEqual(count(600));
    for (const { inputIds, firstPieces, pieces } of sentence.windows) {
      expect(inputIds.length).toBeLessThanOrEqual(maxSeqLength);
      expect([...firstPieces].filter((word, i) => word >= 0 && pieces[i] !== word)).toEqual([]);
    }
  });

  it("may have 10,000 words", () => {
    const sentence = encodeWords(
      tokenizer,
      count(10_000).map((i) => `word${i}`),
      { maxSeqLength: 128 },
    );
    expect(predicted(sentence)).toEqual(count(10_000));
  });
});

describe("a length or stride that cannot be", () => {
  it.each([
    [{ maxSeqLength: 2 }, "maximum length 2: expected a whole number of at least 3"],
    [{ maxSeqLength: 12.5 }, "maximum length 12.5"],
    [{ maxSeqLength: Number.NaN }, "maximum length NaN"],
    [{ maxSeqLength: 16, stride: 14 }, "docStride is 14, expected a whole number from 0 to 13"],
    [{ maxSeqLength: 16, stride: -1 }, "docStride is -1"],
    [{ maxSeqLength: 16, stride: 1.5 }, "docStride is 1.5"],
  ])("is refused, though the sentence be short: %j", (options, message) => {
    expect(() => encodeWords(tokenizer, ["a"], options)).toThrow(message);
    expect(() => encodeText(tokenizer, "a", options)).toThrow(InputError);
  });
});

describe("a plain text", () => {
  const text = "😀 Zoë's café, 東京\n\u0007 unaffable!";
  const surfaces = ["😀", "Zoë", "'", "s", "café", ",", "東", "京", "unaffable", "!"];

  it("has BERT's words, at offsets for slice", () => {
    const { words, offsets } = wordsOfText(tokenizer, text);
    expect(words).toEqual(surfaces);
    expect(words.map((_, i) => text.slice(offsets[2 * i], offsets[2 * i + 1]))).toEqual(surfaces);
  });

  it("is encoded with the same words, each token at its place in the text", () => {
    const encoded = encodeText(tokenizer, text, { maxSeqLength: 64 });
    expect(encoded).toMatchObject({ words: surfaces.length, withoutPieces: [] });
    expect(encoded.offsets).toEqual(wordsOfText(tokenizer, text).offsets);
    const [{ offsets, pieces }] = encoded.windows;
    const parts = [...pieces.keys()].map((i) => [pieces[i], text.slice(offsets[2 * i], offsets[2 * i + 1])]);
    expect(parts.slice(9, -1)).toEqual([
      [8, "una"],
      [8, "ffa"],
      [8, "ble"],
      [9, "!"],
    ]);
  });

  it("gives the ids that its words give", () => {
    const options = { maxSeqLength: 8 };
    const ids = ({ windows }: EncodedSentence) => windows.map(({ inputIds }) => inputIds);
    expect(ids(encodeText(tokenizer, text, options))).toEqual(ids(encodeWords(tokenizer, surfaces, options)));
  });

  it.each(["", " \n", "\u200b"])("has no words in %j", (blank) => {
    const encoded = encodeText(tokenizer, blank, { maxSeqLength: 8 });
    expect(encoded).toEqual({ windows: [], words: 0, withoutPieces: [], offsets: new Int32Array() });
    expect(wordsOfText(tokenizer, blank)).toEqual({ words: [], offsets: new Int32Array() });
  });
});
