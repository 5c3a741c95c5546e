/** Reports of small tagged data sets, checked by hand. */
import { describe, expect, it } from "vitest";
import { type InspectTagsOptions, inspectTags } from "./inspect-tags.ts";
import { formatReport } from "./report.ts";
import type { TaggedExample } from "./tagging/tagging.ts";

/** `word/tag word/tag`, a sentence a string, on lines 1, 11, 21 and so on. */
function data(name: string, sentences: string[], layout?: string) {
  const examples = sentences.map((sentence, i): TaggedExample => {
    const pairs = sentence.split(" ").map((pair) => pair.split("/"));
    return { line: 1 + 10 * i, words: pairs.map(([word]) => word), tags: pairs.map(([, tag]) => tag) };
  });
  return { name, layout, examples: stream(examples) };
}

async function* stream<T>(rows: T[]): AsyncGenerator<T> {
  yield* rows;
}

const TRAIN = [
  "Mia/B-PER ran/O to/O Oslo/B-LOC",
  "Far/O",
  "Mia/B-PER Holm/I-PER sat/O",
  "Far/O",
  "Far/B-LOC",
  "New/B-LOC Oslo/I-LOC ran/O",
];
const DEV = ["Far/O", "Mia/B-PER Oslo/B-LOC ran/O", "Bo/B-ORG Ek/I-ORG sat/O", "Mia/B-PER Oslo/O"];

const inspect = (options: Partial<InspectTagsOptions> = {}) =>
  inspectTags({
    train: data("train.conll", TRAIN, "CoNLL columns"),
    validation: data("dev.conll", DEV),
    ...options,
  });

describe("tags that mark spans", () => {
  const tokenize = ({ words = [] }: TaggedExample) => ({
    tokens: words.length + 2,
    withoutPieces: words.filter((word) => word === "Far").length,
  });

  it("are counted, with their spans, repeats, overlaps and what train does not have", async () => {
    const report = await inspect({ tokenize, maxLength: 5 });
    expect(report.train).toMatchObject({
      layout: "CoNLL columns",
      rows: 6,
      words: 13,
      scheme: "IOB2",
      violations: { count: 0, refused: false },
      tags: [
        { label: "O", count: 6 },
        { label: "B-LOC", count: 3 },
        { label: "B-PER", count: 2 },
        { label: "I-LOC", count: 1 },
        { label: "I-PER", count: 1 },
      ],
      entities: [
        { label: "LOC", count: 3 },
        { label: "PER", count: 2 },
      ],
      sentenceWords: { median: 1, max: 4 },
      lengths: { max: 6, exceeding: { limit: 5, rows: 1 } },
      withoutPieces: { words: 3, sentences: { rows: 3 } },
      duplicates: { rows: 2 },
      conflicts: { rows: 1, examples: [{ line: 41, first: 11 }] },
    });
    expect(report.validation).toMatchObject({
      inTrain: { rows: 1, examples: [{ line: 1, first: 11 }] },
      unknownTags: [
        { label: "B-ORG", count: 1, line: 21 },
        { label: "I-ORG", count: 1, line: 21 },
      ],
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("have what guessing by the word scores, entities included", async () => {
    // Oslo is B-LOC and I-LOC once each: B-LOC, the first of the two. Bo and Ek are new, so O.
    expect((await inspect()).baseline).toEqual({
      on: "dev.conll",
      prediction: "O",
      metric: "accuracy",
      value: 4 / 9,
      byWord: { value: 6 / 9, f1: (2 * 3) / (4 + 4), unseen: 2 },
    });
  });

  it("are said in plain lines", async () => {
    expect(formatReport(await inspect({ tokenize, maxLength: 5 }))).toBe(
      `train.conll: 6 sentences, 13 words
  read as CoNLL columns
  5 tags, scheme IOB2
    O      6  46.2 %
    B-LOC  3  23.1 %
    B-PER  2  15.4 %
    I-LOC  1  7.7 %
    I-PER  1  7.7 %
  5 entities of 2 types
    LOC  3  60.0 %
    PER  2  40.0 %
  words a sentence   median 1, 95 % up to 4, 99 % up to 4, longest 4
  tokens a sentence  median 3, 95 % up to 6, 99 % up to 6, longest 6
dev.conll: 4 sentences, 9 words
  5 tags, scheme IOB2
    O      4  44.4 %
    B-PER  2  22.2 %
    B-LOC  1  11.1 %
    B-ORG  1  11.1 %
    I-ORG  1  11.1 %
  4 entities of 3 types
    PER  2  50.0 %
    LOC  1  25.0 %
    ORG  1  25.0 %
  words a sentence   median 2, 95 % up to 3, 99 % up to 3, longest 3
  tokens a sentence  median 4, 95 % up to 5, 99 % up to 5, longest 5
Baseline: always "O" has accuracy 0.4444 on dev.conll.
Baseline: each word's most frequent tag in train has accuracy 0.6667 and entity f1 0.7500 on dev.conll; 22.2 % of its words are not in train.
train.conll: 1 sentence longer than 5 tokens, read in overlapping windows.
train.conll: 3 words that the tokenizer leaves nothing of (lines 11, 31, 41).
train.conll: 2 sentences repeating an earlier one (lines 31 = 11, 41 = 11), 1 of them with other tags (line 41 = 11).
dev.conll: 1 word that the tokenizer leaves nothing of (line 1).
dev.conll: 1 sentence also in train.conll (line 1 = 11).
dev.conll:21: tag "B-ORG" (1) is not in train.conll.
dev.conll:21: tag "I-ORG" (1) is not in train.conll.`,
    );
  });

  it("are compared in the form that is trained, whatever the scheme of each file", async () => {
    const report = await inspect({
      train: data("t", ["Mia/I-PER ran/O", "Oslo/I-LOC Mia/I-PER Bo/B-PER"]),
      validation: data("v", ["Oslo/U-LOC Mia/U-PER", "Mia/B-PER Bo/L-PER"]),
    });
    expect([report.train.scheme, report.validation?.scheme]).toEqual(["IOB1", "BILOU"]);
    expect(report.train.tags?.map(({ label }) => label)).toEqual(["I-PER", "B-PER", "I-LOC", "O"]);
    expect(report.validation?.unknownTags).toEqual([{ label: "I-PER", count: 1, line: 11 }]);
    expect(report.baseline?.byWord).toMatchObject({ value: 3 / 4, unseen: 0 });
    expect(formatReport(report)).toContain("v: scheme BILOU, but t has IOB1.");
  });
});

describe("tags that break their scheme", () => {
  const train = () => data("t", ["Mia/B-PER Holm/I-PER", "a/O Oslo/I-LOC", "Oslo/B-LOC Bo/B-PER"]);

  it("are listed with their places, and with what training does with them", async () => {
    const report = await inspectTags({ train: train(), accepts: () => false });
    expect(report.train.violations).toEqual({
      count: 1,
      refused: true,
      examples: [{ line: 11, reason: '"I-LOC" after "O" (word 2)' }],
    });
    expect(formatReport(report)).toContain(
      't: 1 tag breaks IOB2, the scheme of the others; correct it, or train with --allow-tag-errors:\n  t:11: "I-LOC" after "O" (word 2)',
    );
  });

  it("are read where training accepts them, told by scheme and tags", async () => {
    const asked: unknown[] = [];
    const report = await inspectTags({
      train: train(),
      accepts: (scheme, tags) => asked.push(scheme, [...tags].sort()) > 0,
    });
    expect(asked).toEqual(["IOB2", ["B-LOC", "B-PER", "I-LOC", "I-PER", "O"]]);
    expect(report.train.violations.refused).toBe(false);
    expect(formatReport(report)).toContain("it is read as conlleval does:");
  });

  it("are counted where there are more than are listed", async () => {
    const report = await inspectTags({
      train: data("t", Array(9).fill("a/O Oslo/I-LOC b/B-PER c/B-ORG")),
    });
    expect(report.train.violations.examples).toHaveLength(5);
    expect(formatReport(report)).toMatch(/9 tags break IOB2.*(\n {2}t:.*){5}\n {2}… 4 more\n/);
  });
});

describe("tags that mark no spans", () => {
  it("have no entities, and are compared as they are", async () => {
    const report = await inspectTags({
      train: data("t", ["Mia/NOUN ran/VERB", "Mia/NOUN Far/ADV"]),
      validation: data("v", ["Mia/NOUN runs/verb"]),
    });
    expect(report.train).not.toHaveProperty("entities");
    expect(report.train).not.toHaveProperty("lengths");
    expect(report.baseline).toMatchObject({
      prediction: "NOUN",
      value: 0.5,
      byWord: { value: 0.5, unseen: 1 },
    });
    expect(report.baseline?.byWord).not.toHaveProperty("f1");
    const lines = formatReport(report).split("\n");
    expect(lines).toContain("  3 tags, which mark no spans");
    expect(lines.slice(-2)).toEqual([
      'v:1: tag "verb" (1) is not in t.',
      'Labels "VERB" (1) and "verb" (1) differ only in case.',
    ]);
  });

  it("have the commonest as the baseline on train where there is no more", async () => {
    const { baseline } = await inspectTags({ train: data("t", ["Mia/NOUN ran/VERB", "Bo/NOUN Far/ADV"]) });
    expect(baseline).toEqual({ on: "t", prediction: "NOUN", metric: "accuracy", value: 0.5 });
  });
});

describe("texts with spans", () => {
  const texts = (): TaggedExample[] => [
    { line: 1, text: "Mia ran", entities: [{ start: 0, end: 3, label: "PER" }] },
    { line: 2, text: " Mia ran ", entities: [{ start: 1, end: 3, label: "PER" }] },
    { line: 3, text: "Far", entities: [] },
  ];
  const train = () => ({ name: "t.jsonl", examples: stream(texts()) });

  it("are counted by their spans where no tokenizer tells words", async () => {
    const report = await inspectTags({
      train: train(),
      validation: {
        name: "v",
        examples: stream([{ ...texts()[0], entities: [{ start: 0, end: 3, label: "X" }] }]),
      },
    });
    expect(report.train).toMatchObject({ rows: 3, entities: [{ label: "PER", count: 2 }] });
    for (const absent of ["words", "tags", "scheme"]) expect(report.train).not.toHaveProperty(absent);
    expect(report).not.toHaveProperty("baseline");
    expect(report.validation?.unknownTags).toEqual([{ label: "X", count: 1, line: 1 }]);
    expect(report.validation?.inTrain.rows).toBe(1);
    expect(report.train.conflicts).toEqual({ rows: 1, examples: [{ line: 2, first: 1 }] });
    expect(formatReport(report)).toContain(
      "t.jsonl: 3 sentences\n  2 entities of 1 type\n    PER  2  100.0 %\n",
    );
  });

  it("have words, and spans that cut them, where one does", async () => {
    const report = await inspectTags({
      train: train(),
      tokenize: ({ text = "", line }) => {
        const words = text.trim().split(" ");
        const tags = words.map((word) => (word === "Mia" && line === 1 ? "B-PER" : "O"));
        const faults = line === 2 ? ['the "PER" span "Mi" cuts the word "Mia"'] : [];
        return { tokens: words.length + 2, withoutPieces: 0, text: { words, tags, faults } };
      },
    });
    expect(report.train.words).toBe(5);
    expect(report.baseline).toMatchObject({ prediction: "O", value: 0.8 });
    expect(formatReport(report)).toContain(
      't.jsonl: 1 span that words cannot express; correct its start and end:\n  t.jsonl:2: the "PER" span "Mi" cuts the word "Mia"',
    );
  });
});
