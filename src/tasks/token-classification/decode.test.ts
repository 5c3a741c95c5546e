import { describe, expect, it } from "vitest";
import { bestTags } from "./decode.ts";

const IOB2 = ["O", "B-X", "I-X", "B-Y", "I-Y"];

const decode = (rows: number[][], labels = IOB2) =>
  Array.from(bestTags(Float32Array.from(rows.flat()), labels), (tag) => labels[tag]);

/** Repeatable numbers between -3 and 3, in steps that float32 sums exactly. */
function randomRows(count: number, width: number, seed: number): number[][] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: width }, () => Math.round(next() * 6144) / 1024 - 3),
  );
}

const follows = (before: string | undefined, tag: string) =>
  !tag.startsWith("I-") || before === `B-${tag.slice(2)}` || before === tag;

/** The highest sum over all sequences that IOB2 allows, by trying each. */
function bestSum(rows: number[][], before?: string): number {
  if (rows.length === 0) return 0;
  const [row, ...rest] = rows;
  const sums = IOB2.flatMap((tag, i) => (follows(before, tag) ? [row[i] + bestSum(rest, tag)] : []));
  return Math.max(...sums);
}

describe("the best sequence that IOB2 allows", () => {
  it("is each word's best where that is allowed", () => {
    expect(
      decode([
        [0, 9, 1, 0, 0],
        [0, 0, 9, 0, 0],
        [0, 0, 0, 9, 0],
        [9, 0, 0, 0, 0],
      ]),
    ).toEqual(["B-X", "I-X", "B-Y", "O"]);
  });

  it("mends an I- that nothing begins, at whichever word costs less", () => {
    expect(decode([[0, 1, 9, 0, 0]])).toEqual(["B-X"]);
    expect(
      decode([
        [1, 0, 0, 0, 0],
        [0, 0, 9, 0, 0],
      ]),
    ).toEqual(["B-X", "I-X"]);
    expect(
      decode([
        [9, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
      ])[1],
    ).not.toBe("I-X");
  });

  it("knows tags without a type", () => {
    const rows = [
      [0, 2, 3],
      [0, 1, 3],
      [4, 1, 3],
    ];
    expect(decode(rows, ["O", "B", "I"])).toEqual(["B", "I", "O"]);
  });

  it("lets no type go on as another", () => {
    const tags = decode([
      [0, 5, 0, 0, 0],
      [0, 0, 4, 0, 5],
      [0, 0, 4, 0, 5],
    ]);
    expect(tags).toEqual(["B-X", "I-X", "I-X"]);
  });

  it("has the sum of the best of all sequences, on random scores", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const rows = randomRows(1 + (seed % 6), IOB2.length, seed);
      const tags = decode(rows);
      expect(tags.every((tag, i) => follows(tags[i - 1], tag))).toBe(true);
      const sum = tags.reduce((total, tag, i) => total + rows[i][IOB2.indexOf(tag)], 0);
      expect(sum).toBe(bestSum(rows));
    }
  });

  it("does not mind a number added to all scores of a word", () => {
    const rows = randomRows(40, IOB2.length, 7);
    const shifted = rows.map((row, i) => row.map((score) => score + (i % 5) * 16 - 40));
    expect(decode(shifted)).toEqual(decode(rows));
  });

  it("holds for long sentences", () => {
    const rows = randomRows(10_000, IOB2.length, 3);
    const tags = decode(rows);
    expect(tags).toHaveLength(10_000);
    expect(tags.every((tag, i) => follows(tags[i - 1], tag))).toBe(true);
    expect(tags.slice(0, 4000)).toEqual(decode(rows.slice(0, 4100)).slice(0, 4000));
  });

  it("is empty for no words", () => expect(decode([])).toEqual([]));
});

describe("labels that no B- opens", () => {
  it.each([
    ["no scheme", ["NOUN", "VERB", "PUNCT"]],
    ["types with I- alone", ["O", "I-X", "I-Y"]],
  ])("are each word's best: %s", (_, labels) => {
    const rows = randomRows(50, 3, 11);
    expect(decode(rows, labels)).toEqual(rows.map((row) => labels[row.indexOf(Math.max(...row))]));
  });

  it("are free beside types that have one", () => {
    const labels = ["O", "I-Z", "B-X", "I-X"];
    const rows = [
      [0, 9, 0, 8],
      [0, 0, 0, 9],
    ];
    expect(decode(rows, labels)).toEqual(["I-Z", "O"]);
  });

  it("take the first of equal scores", () => {
    expect(
      decode(
        [
          [1, 1],
          [0, 0],
        ],
        ["A", "B"],
      ),
    ).toEqual(["A", "A"]);
  });
});
