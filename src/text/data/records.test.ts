/** RFC 4180 against csv-parse on generated files, and broken quotes by their place. */
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { MAX_ROW_CHARACTERS } from "./lines.ts";
import { type Dialect, isBlank, type Row, RowSplitter } from "./records.ts";

function split(text: string, dialect: Dialect): Row[] {
  const splitter = new RowSplitter("f.csv", dialect);
  const rows = text.split("\n").flatMap((line, i) => splitter.push(line, i + 1) ?? []);
  splitter.end();
  return rows;
}

const fields = (text: string, dialect: Dialect) => split(text, dialect).map((row) => row.fields);
const CSV = { delimiter: ",", quote: '"' };

/** A small linear congruential generator: the same files in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("RowSplitter", () => {
  it("splits plain lines and keeps empty fields", () => {
    expect(fields('a\t\t"b\t', { delimiter: "\t" })).toEqual([["a", "", '"b', ""]]);
    expect(fields("a,b", {})).toEqual([["a,b"]]);
  });

  it("reads quoted delimiters, quotes and line ends, and says where a row starts and stops", () => {
    expect(split('x,"a, ""b"""\n"one\n\ntwo",3\n,""', CSV)).toEqual([
      { fields: ["x", 'a, "b"'], line: 1, lastLine: 1 },
      { fields: ["one\n\ntwo", "3"], line: 2, lastLine: 4 },
      { fields: ["", ""], line: 5, lastLine: 5 },
    ]);
  });

  it("takes a quote inside an unquoted field as it is", () => {
    expect(fields('5" disk,1', CSV)).toEqual([['5" disk', "1"]]);
  });

  it("gives the last field the rest of the line where it is told to", () => {
    expect(fields("HUM:ind Who was it ?", { delimiter: " ", maxFields: 2 })).toEqual([
      ["HUM:ind", "Who was it ?"],
    ]);
    expect(fields("alone", { delimiter: " ", maxFields: 2 })).toEqual([["alone"]]);
  });

  it("agrees with csv-parse on 300 generated files", () => {
    const next = generator(7);
    const pieces = ["a", "bc", ",", '"', "\n", " ", "é", "😀", ""];
    for (let file = 0; file < 300; file++) {
      const rows = Array.from({ length: 1 + next(5) }, () =>
        Array.from({ length: 2 + next(3) }, () =>
          Array.from({ length: next(5) }, () => pieces[next(pieces.length)]).join(""),
        ),
      );
      const text = rows
        .map((row) =>
          row
            .map((field) =>
              /[",\n]/.test(field) || next(4) === 0 ? `"${field.replaceAll('"', '""')}"` : field,
            )
            .join(","),
        )
        .join("\n");
      const expected = parse(text, { relax_column_count: true, skip_empty_lines: false });
      expect(fields(text, CSV), JSON.stringify(text)).toEqual(expected);
      expect(fields(text, CSV)).toEqual(rows);
    }
  });

  it("counts quoted fields by column and doubled quotes", () => {
    const splitter = new RowSplitter("f", CSV);
    splitter.push('a,"b"', 1);
    splitter.push('"c","d ""e"""', 2);
    expect([splitter.quotedFields[0], splitter.quotedFields[1], splitter.doubledQuotes]).toEqual([1, 2, 2]);
  });
});

describe("broken quotes", () => {
  it("names the line where the quote opened, at the end of the file", () => {
    expect(() => split('a,b\nc,"d\ne,f\ng,h', CSV)).toThrow(
      "f.csv:2: the quote that opens at character 3 is never closed.\nClose it and double the quotes inside, or use --quote none if quotes are ordinary characters here.",
    );
  });

  it("names it where a later quote closes it by chance", () => {
    expect(() => split('"I like it,pos\n"bad",neg', CSV)).toThrow(
      "f.csv:1: the quote that opens at character 1 ends before other text at line 2, character 2.",
    );
  });

  it("gives up after a bounded number of characters", () => {
    const splitter = new RowSplitter("f.csv", CSV);
    const line = "x".repeat(1_000_000);
    splitter.push('a,"open', 1);
    let taken = 0;
    expect(() => {
      for (; taken < 1000; taken++) splitter.push(line, 2 + taken);
    }).toThrow(
      "f.csv:1: the quote that opens at character 3 is not closed within the next 8 million characters.",
    );
    expect(taken).toBeLessThan(MAX_ROW_CHARACTERS / line.length + 1);
  });
});

it("isBlank: nothing but delimiters and white space", () => {
  for (const line of ["", "  ", "\t\t", "\u3000"])
    expect(isBlank(line, "\t"), JSON.stringify(line)).toBe(true);
  expect(isBlank(", ,,", ",")).toBe(true);
  expect(isBlank(",", "\t")).toBe(false);
  expect(isBlank("\t\ta", "\t")).toBe(false);
  expect(isBlank("語", undefined)).toBe(false);
});
