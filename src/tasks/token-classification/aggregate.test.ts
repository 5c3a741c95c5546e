import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTokenizer } from "../../text/tokenizer/tokenizer.ts";
import { type Aggregation, aggregate, type TokenScores, tokenScores } from "./aggregate.ts";
import { encodeText } from "./windows.ts";

const FIXTURES = join(import.meta.dirname, "../../../test/fixtures");
const tokenizerOf = (kind: string) =>
  createTokenizer({ vocab: readFileSync(join(FIXTURES, "vocab", `${kind}-vocab.txt`), "utf8") });
const tokenizers: Record<string, ReturnType<typeof tokenizerOf>> = {
  uncased: tokenizerOf("uncased"),
  cased: tokenizerOf("cased"),
};

interface RecordedCase {
  vocab: string;
  text: string;
  labels: string[];
  input_ids: number[];
  scores: number[][];
  entities: Record<Aggregation, { label: string; score: number; start: number; end: number }[]>;
}
const cases = JSON.parse(
  readFileSync(join(FIXTURES, "token-classification/aggregation.json"), "utf8"),
) as RecordedCase[];
const HOWS = ["none", "simple", "first", "average", "max"] as const;

describe("what transformers' pipeline recorded", () => {
  it("is 10 texts", () => expect(cases).toHaveLength(10));

  const table = cases.flatMap((recorded) => HOWS.map((how) => ({ ...recorded, how })));
  it.each(table)("$vocab, $how: $text", ({ vocab, text, labels, input_ids, scores, entities, how }) => {
    const encoded = encodeText(tokenizers[vocab], text, { maxSeqLength: 64 });
    expect([...encoded.windows[0].inputIds]).toEqual(input_ids);
    const ours = aggregate(tokenScores(encoded, [Float32Array.from(scores.flat())]), labels, text, how);
    expect(ours).toEqual(
      entities[how].map(({ score, start, end, label }) => ({
        label,
        score: expect.closeTo(score, 6),
        start,
        end,
        text: text.slice(start, end),
      })),
    );
  });
});

/** Pieces of one letter: `ab c` is word 0 of two pieces and word 1; a row of probabilities each. */
function pieces(text: string, rows: number[][]): TokenScores[] {
  const letters = [...text.matchAll(/\S/g)].map(({ index }) => index);
  return letters.map((start, i) => ({
    scores: Float32Array.from(rows[i]),
    word: text.slice(0, start).split(" ").length - 1,
    start,
    end: start + 1,
  }));
}

describe("entities", () => {
  const labels = ["O", "B-P", "I-P"];
  const find = (text: string, rows: number[][], how: Aggregation, names = labels) =>
    aggregate(pieces(text, rows), names, text, how).map((span) => [span.label, span.text, span.score]);

  it("part at B-, and where another type or O is between", () => {
    const names = ["O", "B-P", "I-P", "I-Q"];
    const rows = [1, 2, 1, 0, 2, 3].map((tag) => names.map((_, i) => (i === tag ? 1 : 0)));
    expect(find("a b c d e f", rows, "simple", names)).toEqual([
      ["P", "a b", 1],
      ["P", "c", 1],
      ["P", "e", 1],
      ["Q", "f", 1],
    ]);
  });

  const torn = [
    [0.25, 0.5, 0.25],
    [1, 0, 0],
    [0.125, 0.25, 0.625],
  ];
  it.each<[Aggregation, unknown[]]>([
    [
      "none",
      [
        ["B-P", "a", 0.5],
        ["I-P", "c", 0.625],
      ],
    ],
    [
      "simple",
      [
        ["P", "a", 0.5],
        ["P", "c", 0.625],
      ],
    ],
    ["first", [["P", "ab c", 0.5625]]],
    ["average", [["P", "c", 0.625]]],
    ["max", [["P", "c", 0.625]]],
  ])("of a word whose pieces disagree, %s", (how, expected) => {
    expect(find("ab c", torn, how)).toEqual(expected);
  });

  it("are runs of one tag where there is no scheme; the tag is the label, hyphens and all", () => {
    const names = ["-LRB-", "NP-SBJ"];
    const rows = [
      [1, 0],
      [0, 1],
      [0, 1],
    ];
    expect(find("( a b", rows, "first", names)).toEqual([
      ["-LRB-", "(", 1],
      ["NP-SBJ", "a b", 1],
    ]);
  });

  it("are none of no tokens", () => {
    for (const how of HOWS) expect(aggregate([], labels, "", how)).toEqual([]);
  });

  it("take the first of equal labels and of equal pieces", () => {
    const even = [
      [0.5, 0.5, 0],
      [0, 0.5, 0.5],
    ];
    expect(find("ab", even, "max")).toEqual([]);
    expect(find("ab", even, "average")).toEqual([["P", "ab", 0.5]]);
  });
});

describe("pieces of several windows", () => {
  const text = "one two three four five six seven unaffable nine ten";
  const encoded = encodeText(tokenizers.uncased, text, { maxSeqLength: 8, stride: 4 });
  // Two scores a token: its window, its word.
  const probabilities = encoded.windows.map(({ pieces: words }, window) =>
    Float32Array.from([...words].flatMap((word) => [window, word])),
  );

  it("come once each, in text order, with the scores of the window that predicts them", () => {
    const found = tokenScores(encoded, probabilities);
    expect(found.map(({ start, end }) => text.slice(start, end))).toEqual(
      "one two three four five six seven una ffa ble nine ten".split(" "),
    );
    expect(found.map(({ word }) => word)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 8, 9]);
    expect(found.map(({ scores }) => scores[1])).toEqual(found.map(({ word }) => word));
    expect(new Set(found.map(({ scores }) => scores[0])).size).toBe(encoded.windows.length);
  });

  it("reach to the end of a word that is longer than a window", () => {
    const long = "an antidisestablishmentarianism";
    const cut = encodeText(tokenizers.uncased, long, { maxSeqLength: 4 });
    const scores = cut.windows.map(({ pieces: words }) => new Float32Array(words.length).fill(1));
    const entities = aggregate(tokenScores(cut, scores), ["N"], long, "first");
    expect(entities.map(({ text: surface }) => surface)).toEqual([long]);
  });
});
