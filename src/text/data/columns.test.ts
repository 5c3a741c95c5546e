/** Usual names, names by option, and what is said where neither helps. */
import { describe, expect, it } from "vitest";
import { InputError } from "../../util/errors.ts";
import { chooseRoles, guessRoles } from "./columns.ts";
import type { ReadOptions } from "./example.ts";

const CLASS: ReadOptions = { needs: { label: "required", kind: "class" } };

function roles(header: string, options: Partial<ReadOptions> = {}) {
  return chooseRoles("train.csv", header.split("|"), { ...CLASS, ...options });
}

describe("usual names", () => {
  it.each([
    ["text|label", [0], undefined, [1]],
    ["label|text", [1], undefined, [0]],
    ["Text|LABEL", [0], undefined, [1]],
    ["sentence|label", [0], undefined, [1]],
    ["text|label_name", [0], undefined, [1]],
    ["utterance|intent", [0], undefined, [1]],
    ["tweet|sentiment", [0], undefined, [1]],
    ["text|label|label_text", [0], undefined, [1]],
    ["index|sentence1|sentence2|label", [1], 2, [3]],
    ["gold_label|sentence1|sentence2", [1], 2, [0]],
    ["prem|hyp|label|annotated_label|genre", [0], 1, [2]],
    ["premise|hypothesis|label", [0], 1, [2]],
    ["Quality|#1 ID|#2 ID|#1 String|#2 String", [3], 4, [0]],
    ["pair_ID|sentence_A|sentence_B|relatedness_score|entailment_judgment", [1], 2, [4]],
    ["id|qid1|qid2|question1|question2|is_duplicate", [3], 4, [5]],
    ["index|question|sentence|label", [1], 2, [3]],
    ["question|context|label", [0], 1, [2]],
    ["question|category", [0], undefined, [1]],
  ])("%s", (header, text, textPair, labels) => {
    expect(roles(header)).toEqual({ text, textPair, labels });
  });

  it("takes the number where a number is needed", () => {
    const needs = { label: "required", kind: "number" } as const;
    expect(
      roles("pair_ID|sentence_A|sentence_B|relatedness_score|entailment_judgment", { needs }).labels,
    ).toEqual([3]);
    expect(roles("sentence1|sentence2|score", { needs }).labels).toEqual([2]);
    expect(roles("text|label", { needs }).labels).toEqual([1]);
  });

  it("does not choose between a class and a number by itself", () => {
    const needs = { label: "required", kind: "auto" } as const;
    expect(() => roles("sentence_A|sentence_B|relatedness_score|entailment_judgment", { needs })).toThrow(
      "train.csv: cannot tell the label column",
    );
    expect(roles("text|label|score", { needs }).labels).toEqual([1]);
    expect(roles("text|score", { needs }).labels).toEqual([1]);
  });

  it("does not choose between two texts that could be meant", () => {
    expect(guessRoles(["title", "description", "label"], "class").text).toEqual([]);
    expect(guessRoles(["title", "label"], "class").text).toEqual([0]);
  });

  it("needs no label for prediction", () => {
    expect(roles("id|text", { needs: { label: "optional", kind: "class" } }).labels).toEqual([]);
  });
});

describe("columns by option", () => {
  it("takes names, numbers, digits and lists", () => {
    expect(roles("a|b|c", { textColumn: "b", labelColumn: 3 })).toEqual({
      text: [1],
      textPair: undefined,
      labels: [2],
    });
    expect(roles("a|b|c", { textColumn: "1", textPairColumn: "c", labelColumn: "b" })).toEqual({
      text: [0],
      textPair: 2,
      labels: [1],
    });
    expect(roles("a|b|c", { textColumn: "a, b", labelColumn: ["c"] }).text).toEqual([0, 1]);
    expect(roles("text|toxic|insult", { labelColumn: "toxic,insult" }).labels).toEqual([1, 2]);
    expect(roles("a, b|c", { textColumn: "a, b", labelColumn: "c" }).text).toEqual([0]);
  });

  it("guesses the rest, but no second text beside a text that was named", () => {
    expect(roles("sentence1|sentence2|label", { textColumn: "sentence1" })).toEqual({
      text: [0],
      textPair: undefined,
      labels: [2],
    });
    expect(roles("title|body|label", { labelColumn: "title" }).text).toEqual([1]);
  });

  it("suggests the near name", () => {
    expect(() => roles("Sentence|label", { textColumn: "sentence" })).toThrow(
      'train.csv: no column "sentence". It has "Sentence", "label".\nUse --text-column Sentence.',
    );
    expect(() => roles("Class Index|text", { labelColumn: "class indx" })).toThrow(
      'Use --label-column "Class Index".',
    );
  });

  it("says what there is where no name is near", () => {
    expect(() => roles("a|b", { textColumn: "wholly different" })).toThrow(
      'train.csv: no column "wholly different". It has "a", "b".\nCorrect --text-column.',
    );
    const many = Array.from({ length: 30 }, (_, i) => `column${i}`).join("|");
    expect(() => roles(many, { textColumn: "x" })).toThrow('"column11" and 18 more.');
  });

  it("suspects the delimiter where there is one column", () => {
    expect(() => roles("text;label", { textColumn: "text" })).toThrow(
      "or name the delimiter with --delimiter.",
    );
  });

  it("refuses numbers out of range", () => {
    expect(() => roles("a|b", { textColumn: 3 })).toThrow(
      "train.csv: no column 3. It has columns 1 to 2.\nCorrect --text-column.",
    );
    expect(() => roles("a|b", { textColumn: 0 })).toThrow("no column 0");
    expect(() => roles("a|b", { textColumn: 1.5 })).toThrow("no column 1.5");
  });

  it("refuses a column twice, and a name that two columns have", () => {
    expect(() => roles("a|b", { textColumn: "a", labelColumn: 1 })).toThrow(
      'train.csv: column "a" is named twice.',
    );
    expect(() => roles("x|a|a", { textColumn: "a", labelColumn: "x" })).toThrow(
      'train.csv: several columns are called "a".\nGive the column\'s number: --text-column 2.',
    );
  });

  it("says what is open and which options close it", () => {
    expect(() => roles("foo|bar")).toThrow(
      'train.csv: cannot tell the text and label columns among "foo", "bar".\nAdd --text-column NAME [--text-pair-column NAME] --label-column NAME; NAME may be a number from 1.',
    );
    expect(() => roles("text|bar")).toThrow(
      'cannot tell the label column among "text", "bar".\nAdd --label-column NAME;',
    );
    expect(() => roles("foo|label")).toThrow("cannot tell the text column among");
    expect(() => roles("foo|label")).toThrow(InputError);
  });
});
