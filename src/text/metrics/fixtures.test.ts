import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkMetricsFixture, parseFixture } from "./fixtures.ts";

const RECORDED = readFileSync(new URL("../../../test/fixtures/metrics.json", import.meta.url), "utf8");

describe("recorded values of scikit-learn, scipy, seqeval and the SQuAD script", () => {
  it("are ours, section by section", () => {
    expect(checkMetricsFixture(parseFixture(RECORDED))).toEqual([
      { name: "classification", cases: 21 },
      { name: "correlation", cases: 5 },
      { name: "entities", cases: 6 },
      { name: "squad", cases: 14 },
      { name: "multi_label", cases: 2 },
    ]);
  });
});

describe("what is said of a case", () => {
  const classes = { labels: 2, predictions: [0, 1, 1, 0], references: [0, 1, 0, 0] };
  const values = { predictions: [1, 2, 3], references: [1, 3, 2] };
  const rows = { predictions: [[1, 0]], references: [[1, 1]] };
  const sentence = {
    scheme: "IOB2",
    predictions: [["B-PER", "O", "B-PER"]],
    references: [["B-PER", "O", "O"]],
  };

  it.each([
    ["a right value", "classification", { ...classes, accuracy: 0.75 }, undefined],
    ["a value within 1e-9", "classification", { ...classes, accuracy: 0.75 + 9e-10 }, undefined],
    [
      "a value beyond 1e-9",
      "classification",
      { ...classes, accuracy: 0.75 + 2e-9 },
      ".accuracy: expected 0.750000002",
    ],
    [
      "a null, not defined there",
      "classification",
      { ...classes, accuracy: 0.75, cohen_kappa: null },
      undefined,
    ],
    [
      "a count",
      "classification",
      {
        ...classes,
        confusion: [
          [2, 0],
          [0, 1],
        ],
      },
      ".confusion[0][1]: expected 0, got 1",
    ],
    [
      "a smaller matrix",
      "classification",
      { ...classes, confusion: [[2, 1]] },
      ".confusion: expected 1 values, got 2",
    ],
    [
      "a list for a number",
      "classification",
      { ...classes, accuracy: [] },
      ".accuracy: expected [], got 0.75",
    ],
    [
      "a nested value",
      "classification",
      { ...classes, macro: { f1: 0.7 } },
      ".macro.f1: expected 0.7, got 0.733",
    ],
    ["an unknown value", "classification", { ...classes, auroc: 1 }, ".auroc: not computed"],
    ["no value", "classification", classes, ": nothing is recorded"],
    [
      "a class out of range",
      "classification",
      { ...classes, labels: 1, accuracy: 1 },
      ": classification: expected a class",
    ],
    [
      "no labels",
      "classification",
      { ...classes, labels: undefined, accuracy: 1 },
      ": classification: NaN labels",
    ],
    ["a missing list", "correlation", { predictions: [1], mse: 0 }, ": references: expected a list"],
    [
      "a text",
      "correlation",
      { ...values, references: [1, "x", 2], mse: 0 },
      ': references: expected numbers, got "x"',
    ],
    [
      "lists of two lengths",
      "correlation",
      { ...values, references: [1], mse: 0 },
      ": 3 predictions, 1 references",
    ],
    ["a wrong correlation", "correlation", { ...values, spearman: 1 }, ".spearman: expected 1, got 0."],
    [
      "right labels",
      "multi_label",
      { ...rows, subset_accuracy: 0, hamming: 0.5, micro_f1: 2 / 3 },
      undefined,
    ],
    ["a wrong share", "multi_label", { ...rows, hamming: 0.25 }, ".hamming: expected 0.25, got 0.5"],
    [
      "a number for a row",
      "multi_label",
      { ...rows, predictions: [1], hamming: 0 },
      ": predictions: expected a list",
    ],
    ["not a case", "multi_label", [1], ": expected an object"],
    ["right entities", "entities", { ...sentence, default: { PER: { precision: 1 / 2 } } }, undefined],
    [
      "a wrong support",
      "entities",
      { ...sentence, strict: { PER: { support: 2 } } },
      ".strict.PER.support: expected 2, got 1",
    ],
    [
      "a type that is not there",
      "entities",
      { ...sentence, default: { LOC: { support: 0 } } },
      ".default.LOC: not computed",
    ],
    [
      "an unknown scheme",
      "entities",
      { ...sentence, scheme: "BMEWO", token_accuracy: 0 },
      ': scheme: expected a tag scheme, got "BMEWO"',
    ],
    [
      "sentences of two lengths",
      "entities",
      { ...sentence, predictions: [["O"]], token_accuracy: 0 },
      ": entities: expected 3 tags",
    ],
    [
      "a tag that is no text",
      "entities",
      { ...sentence, references: [[1]], token_accuracy: 0 },
      ": references: expected text, got 1",
    ],
  ])("%s", (_, section, item, difference) => {
    const [result] = checkMetricsFixture(JSON.parse(JSON.stringify({ [section]: [item] })));
    expect(result.skipped).toBeUndefined();
    if (difference === undefined) expect(result.firstDifference).toBeUndefined();
    else expect(result.firstDifference).toContain(`[0]${difference}`);
  });

  const questions = { answers: { a: ["red"], b: [] }, predictions: { a: "red", b: "blue" } };

  it.each([
    [
      "right values",
      { v2: { ...questions, expected: { exact: 50, HasAns_exact: 100, total: 2 } } },
      undefined,
    ],
    ["a fraction", { v2: { ...questions, expected: { f1: 0.5 } } }, ".v2.expected.f1: expected 0.5, got 50"],
    [
      "no-answer scores at both sides of 0.5",
      { v2: { ...questions, no_answer_score: { a: 0.5, b: 0.6 }, expected: { exact: 100 } } },
      undefined,
    ],
    [
      "a pair, after a right one",
      {
        pairs: [
          { prediction: "the x", answer: "x", exact: 1 },
          { prediction: "x", answer: "x y", f1: 0.6 },
        ],
      },
      ".pairs[1].f1: expected 0.6, got 0.66",
    ],
    [
      "a normal form",
      { pairs: [{ prediction: "A-b", answer: "", normalized: ["a-b", ""] }] },
      '.pairs[0].normalized[0]: expected "a-b", got "ab"',
    ],
    [
      "a missing prediction",
      { v1: { ...questions, predictions: { a: "red" }, expected: { exact: 0 } } },
      ".v1: predictions: expected text, got null",
    ],
    ["no answers", { v1: { predictions: {}, expected: { exact: 0 } } }, ".v1: answers: expected an object"],
    ["nothing", {}, "expected cases"],
  ])("of questions: %s", (_, squad, difference) => {
    const [result] = checkMetricsFixture(JSON.parse(JSON.stringify({ squad })));
    if (difference === undefined) expect(result).toEqual({ name: "squad", cases: 1 });
    else expect(result.firstDifference).toContain(difference);
  });

  it("names the case that differs", () => {
    const right = { ...classes, accuracy: 0.75 };
    const [result] = checkMetricsFixture({
      classification: [right, right, { ...right, accuracy: 0.5 }, right],
    });
    expect(result).toEqual({
      name: "classification",
      cases: 3,
      firstDifference: "[2].accuracy: expected 0.5, got 0.75",
    });
  });
});

describe("Python's JSON", () => {
  it("has numbers that JSON lacks, and texts that look like them", () => {
    const text = String.raw`{"a": [NaN, -Infinity, Infinity, -1], "b": "NaN \"NaN", "NaN": "\\"}`;
    expect(parseFixture(text)).toEqual({ a: [null, null, null, -1], b: 'NaN "NaN', NaN: "\\" });
  });

  it("that is cut off is an error", () => expect(() => parseFixture('{"a": [1')).toThrow(SyntaxError));
});

describe("another form", () => {
  it.each([null, 3, "text", []])("%j is not a fixture", (json) => {
    expect(() => checkMetricsFixture(json)).toThrow("metrics fixture: expected an object of sections");
  });

  it("of a section is a difference, of an unknown section is skipped", () => {
    expect(checkMetricsFixture({ correlation: { a: 1 }, toString: 7, classification: [] })).toEqual([
      { name: "correlation", cases: 1, firstDifference: ".a: expected an object" },
      { name: "toString", cases: 0, skipped: "no metric" },
      { name: "classification", cases: 0, firstDifference: "expected cases" },
    ]);
  });
});
