import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTokenizer } from "../../text/tokenizer/tokenizer.ts";
import { type CharacterSpan, describeFault, tagText } from "./tag-text.ts";
import { wordsOfText } from "./windows.ts";

const VOCAB = join(import.meta.dirname, "../../../test/fixtures/vocab/cased-vocab.txt");
const tokenizer = createTokenizer({ vocab: readFileSync(VOCAB, "utf8") });
const { offsets } = wordsOfText(tokenizer, "😀 Ana Roy-Lee left 東京 today.");
// Words: 😀 [0,2) Ana [3,6) Roy [7,10) - [10,11) Lee [11,14) left [15,19) 東 [20,21) 京 [21,22) today [23,28) . [28,29)

const tag = (...spans: [number, number, string][]) =>
  tagText(
    offsets,
    spans.map(([start, end, label]): CharacterSpan => ({ label, start, end })),
  );

describe("tags of a text's words", () => {
  it("are IOB2, counted in UTF-16 units", () => {
    expect(tag([3, 14, "PER"], [20, 22, "LOC"])).toEqual({
      tags: ["O", "B-PER", "I-PER", "I-PER", "I-PER", "O", "B-LOC", "I-LOC", "O", "O"],
      faults: [],
    });
  });

  it("part neighbours of one type", () => {
    expect(tag([20, 21, "LOC"], [21, 22, "LOC"]).tags.slice(6, 8)).toEqual(["B-LOC", "B-LOC"]);
  });

  it("do not mind white space at a border, nor order", () => {
    expect(tag([19, 23, "LOC"], [2, 7, "PER"])).toEqual({
      tags: ["O", "B-PER", "O", "O", "O", "O", "B-LOC", "I-LOC", "O", "O"],
      faults: [],
    });
  });

  it("are all O without entities, none without words", () => {
    expect(tag()).toEqual({ tags: Array(10).fill("O"), faults: [] });
    expect(tagText(new Int32Array(), [])).toEqual({ tags: [], faults: [] });
  });
});

describe("an entity that words cannot express", () => {
  it.each<[string, [number, number, string], string, [number, number]]>([
    ["begins within a word", [4, 14, "PER"], "cuts a word", [1, 5]],
    ["ends within a word", [3, 13, "PER"], "cuts a word", [1, 5]],
    ["is within a word", [24, 25, "X"], "cuts a word", [8, 9]],
    ["cuts an emoji", [1, 6, "X"], "cuts a word", [0, 2]],
    ["is white space", [14, 15, "X"], "covers no word", [5, 5]],
    ["is empty", [15, 15, "X"], "covers no word", [5, 5]],
    ["is empty within a word", [17, 17, "X"], "cuts a word", [5, 6]],
    ["is behind the text", [29, 40, "X"], "covers no word", [10, 10]],
  ])("%s: has no tag", (_, span, fault, words) => {
    expect(tag(span)).toEqual({ tags: Array(10).fill("O"), faults: [{ entity: 0, fault, words }] });
  });

  it("shares a word with an earlier one", () => {
    const { tags, faults } = tag([3, 6, "PER"], [3, 14, "ORG"], [28, 29, "END"]);
    expect(faults).toEqual([{ entity: 1, fault: "overlaps another entity", words: [1, 5] }]);
    expect(tags.filter((name) => name !== "O")).toEqual(["B-PER", "B-END"]);
  });

  it("does not hide the others", () => {
    const { tags, faults } = tag([0, 1, "X"], [3, 6, "PER"], [29, 30, "X"]);
    expect(faults.map(({ entity }) => entity)).toEqual([0, 2]);
    expect(tags[1]).toBe("B-PER");
  });
});

it("a fault names the word that is cut, the first of two", () => {
  const text = "Ana🎉 Roy-Lee";
  const { offsets } = wordsOfText(tokenizer, text);
  const told = (start: number, end: number) => {
    const span = { start, end, label: "X" };
    return describeFault(text, offsets, span, tagText(offsets, [span]).faults[0]);
  };
  expect(told(0, 3)).toBe('cuts the word "Ana🎉"');
  expect(told(6, 11)).toBe('cuts the word "Lee"');
  expect(told(1, 11)).toBe('cuts the word "Ana🎉"');
  expect(told(5, 6)).toBe("covers no word");
});
