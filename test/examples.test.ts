/** The example data set: what its README promises, and what the demo and readers of the files rely on. */
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";

const FOLDER = new URL("../examples/support-requests/", import.meta.url);

function rowsOf(file: string): { text: string; label: string }[] {
  return parse(readFileSync(new URL(file, FOLDER)), { columns: true });
}

/** Texts that differ only in case and punctuation count as the same. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

const train = rowsOf("train.csv");
const test = rowsOf("test.csv");

describe("support requests", () => {
  it("has no text twice, in one file or in both", () => {
    const texts = [...train, ...test].map(({ text }) => plain(text));
    expect(texts.filter((text, i) => texts.indexOf(text) !== i)).toEqual([]);
  });

  it("has texts with a word in them, without line breaks or blanks around", () => {
    const odd = [...train, ...test].filter(({ text }) => !/^\S(.*\S)?$/.test(text) || plain(text) === "");
    expect(odd).toEqual([]);
  });

  it("has the counts of its README, label by label", () => {
    const readme = readFileSync(new URL("README.md", FOLDER), "utf8");
    const stated = [...readme.matchAll(/^\| `(\w+)` \|[^|]*\| (\d+) \| (\d+) \|$/gm)].map((row) =>
      row.slice(1),
    );
    const count = (rows: { label: string }[], label: string) =>
      `${rows.filter((row) => row.label === label).length}`;
    const labels = [...new Set([...train, ...test].map(({ label }) => label))].sort();
    expect(stated).toEqual(labels.map((label) => [label, count(train, label), count(test, label)]));
    expect(readme).toContain(`\`train.csv\` has ${train.length} rows, \`test.csv\` ${test.length}`);
  });

  it("leaves the majority at about one row in eight", () => {
    const refunds = test.filter(({ label }) => label === "refund").length;
    expect((100 * refunds) / test.length).toBeCloseTo(11.6, 1);
  });
});
