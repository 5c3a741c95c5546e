/** Logits made by hand to tags, scores and entities of words and of plain text. */
import { describe, expect, it } from "vitest";
import { VOCABULARY } from "../../../test/cli/tiny-model.ts";
import { tokenClassification } from "../../tasks/token-classification/task.ts";
import type { TagScheme } from "../../text/tags/schemes.ts";
import { createTokenizer } from "../../text/tokenizer/tokenizer.ts";
import type { Row } from "../../training/options.ts";
import { InputError, UsageError } from "../../util/errors.ts";
import type { PredictOptions } from "../options.ts";
import { tokenClassificationDecoder } from "./token-classification.ts";

const tokenizer = createTokenizer({ vocab: VOCABULARY.join("\n") });
const IOB2 = ["O", "B-X", "I-X", "B-Y"];

function decoderOf({ scheme = "IOB2", labels = IOB2 }: { scheme?: TagScheme; labels?: string[] } = {}) {
  return tokenClassificationDecoder(tokenClassification({ labels, scheme }), tokenizer, { maxSeqLength: 16 });
}

/** The prediction where each piece says the label that `labelOf` has for it. */
function predict(
  row: Row,
  labelOf: (piece: string) => number,
  options: PredictOptions = {},
  decoder = decoderOf(),
) {
  const { windows, decode } = decoder.encode(row);
  const logits = windows.map(({ inputIds }) =>
    Float32Array.from(
      Array.from(inputIds, (id) =>
        IOB2.map((_, label) => (label === labelOf(VOCABULARY[id]) ? 2 : 0)),
      ).flat(),
    ),
  );
  return decode(logits, options);
}

/** good day: X; bad: Y. Later pieces of a word say Y. */
const byWord = (piece: string) => {
  if (piece === "good" || piece === "x") return 1;
  if (piece === "day") return 2;
  return piece === "bad" || piece.startsWith("##") ? 3 : 0;
};
const SURE = Math.exp(2) / (Math.exp(2) + 3);

describe("plain text", () => {
  const text = "😀 good  day, xyz bad.";

  it("has a tag a word, that of the first piece, and its probability", () => {
    const { words } = predict({ text }, byWord);
    expect(words.map(({ word, tag }) => `${word} ${tag}`)).toEqual([
      ...["😀 O", "good B-X", "day I-X", ", O"],
      ...["xyz B-X", "bad B-Y", ". O"],
    ]);
    for (const { word, start, end, score } of words) {
      expect(text.slice(start, end)).toBe(word);
      expect(score).toBeCloseTo(SURE, 6);
    }
  });

  it("has entities with the text between their words", () => {
    const { entities } = predict({ text }, byWord);
    expect(entities.map(({ label, text: own, start, end }) => [label, own, start, end])).toEqual([
      ["X", "good  day", 3, 12],
      ["X", "xyz", 14, 17],
      ["Y", "bad", 18, 21],
    ]);
    expect(entities[0].score).toBeCloseTo(SURE, 6);
  });

  it("has the best tags that IOB2 allows", () => {
    // "day" alone says I-X; nothing opens a span before it.
    const { words, entities } = predict({ text: "the day" }, byWord);
    expect(words.map(({ tag }) => tag)).not.toContain("I-X");
    expect(entities.length).toBeLessThanOrEqual(1);
  });

  it("of several windows is one: every word once, in order", () => {
    const long = "good day bad the ".repeat(20).trim();
    const decoder = decoderOf();
    expect(decoder.encode({ text: long }).windows.length).toBeGreaterThan(5);
    const { words, entities } = predict({ text: long }, byWord);
    expect(words.map(({ word }) => word).join(" ")).toBe(long);
    expect(words.map(({ tag }) => tag)).toEqual(Array(20).fill(["B-X", "I-X", "B-Y", "O"]).flat());
    expect(entities).toHaveLength(40);
  });

  it("of several windows has entities that go on from one to the next", () => {
    const { entities } = predict({ text: `good${" day".repeat(40)}` }, byWord);
    expect(entities.map(({ label, start, end }) => [label, start, end])).toEqual([["X", 0, 164]]);
  });

  it("is given back in the scheme of the file that was trained on", () => {
    const tagsIn = (scheme: TagScheme) =>
      predict({ text: "good day good bad" }, byWord, {}, decoderOf({ scheme })).words.map(({ tag }) => tag);
    expect(tagsIn("IOB1")).toEqual(["I-X", "I-X", "B-X", "I-Y"]);
    expect(tagsIn("BILOU")).toEqual(["B-X", "L-X", "U-X", "U-Y"]);
    expect(tagsIn("IOBES")).toEqual(["B-X", "E-X", "S-X", "S-Y"]);
  });

  it("has no entities where tags mark no spans, unless pieces are joined", () => {
    const decoder = decoderOf({ scheme: "none", labels: ["O", "GOOD", "DAY", "BAD"] });
    const plain = predict({ text: "good bad bad" }, byWord, {}, decoder);
    expect([plain.words.map(({ tag }) => tag), plain.entities]).toEqual([["GOOD", "BAD", "BAD"], []]);
    const joined = predict({ text: "good bad bad" }, byWord, { aggregation: "simple" }, decoder);
    expect(joined.entities.map(({ label, text: own }) => [label, own])).toEqual([
      ["GOOD", "good"],
      ["BAD", "bad bad"],
    ]);
  });

  it("has the same fields in the same order, joined from pieces or not", () => {
    const [own] = predict({ text: "good day" }, byWord).entities;
    const [joined] = predict({ text: "good day" }, byWord, { aggregation: "simple" }).entities;
    expect(Object.keys(joined)).toEqual(Object.keys(own));
  });

  it("is joined from pieces where that was asked for", () => {
    const entities = (aggregation: PredictOptions["aggregation"]) =>
      predict({ text: "xyz day" }, byWord, { aggregation }).entities.map(({ label, text: own }) => [
        label,
        own,
      ]);
    expect(entities("none")).toEqual([
      ["B-X", "x"],
      ["B-Y", "y"],
      ["B-Y", "z"],
      ["I-X", "day"],
    ]);
    expect(entities("first")).toEqual([["X", "xyz day"]]);
    expect(entities("average")).toEqual([
      ["Y", "xyz"],
      ["X", "day"],
    ]);
  });
});

describe("words", () => {
  it("stay as they are; their text has a space between", () => {
    const { words, entities } = predict({ tokens: ["good day", "\u0001", "bad."] }, byWord);
    expect(words.map(({ word, tag, start, end }) => [word, tag, start, end])).toEqual([
      ["good day", "B-X", 0, 8],
      ["\u0001", "O", 9, 10],
      ["bad.", "B-Y", 11, 15],
    ]);
    expect(words[1].score).toBe(1);
    expect(entities.map(({ text }) => text)).toEqual(["good day", "bad."]);
  });

  it("of which the tokenizer leaves nothing do not split the entity around them", () => {
    const { words, entities } = predict({ tokens: ["good", "\u0001", "day", "\u0001", "bad"] }, byWord);
    expect(words.map(({ tag }) => tag)).toEqual(["B-X", "I-X", "I-X", "O", "B-Y"]);
    expect(words[1].score).toBe(words[2].score);
    expect(entities.map(({ label, text }) => [label, text])).toEqual([
      ["X", "good \u0001 day"],
      ["Y", "bad"],
    ]);
  });

  it("none of them are no tags", () => {
    expect(predict({ tokens: [] }, byWord)).toEqual({ words: [], entities: [] });
    expect(decoderOf().encode({ tokens: ["\u0001"] }).windows).toEqual([]);
  });

  it("that are split have no pieces to join", () => {
    expect(() => predict({ tokens: ["good"] }, byWord, { aggregation: "max" })).toThrow(UsageError);
  });
});

it.each([[{ tokens: "good" }], [{ tokens: [1] }], [{ text: 7 }], [{}], ["good"]])(
  "refuses the row %j",
  (row) => {
    expect(() => decoderOf().encode(row as unknown as Row)).toThrow(InputError);
  },
);

it("takes one text", () => {
  expect(decoderOf().row("good")).toEqual({ text: "good" });
  expect(() => decoderOf().row("good", "bad")).toThrow(UsageError);
});
