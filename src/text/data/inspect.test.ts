/** Reports of small data sets, checked by hand. */
import { describe, expect, it } from "vitest";
import type { Example } from "./example.ts";
import { inspectTexts } from "./inspect.ts";
import { formatReport } from "./report.ts";

async function* stream(
  rows: [text: string, label?: string | string[], textPair?: string][],
): AsyncGenerator<Example> {
  for (const [i, [text, label, textPair]] of rows.entries()) yield { text, label, textPair, line: i + 2 };
}

const words = (example: Example) => 2 + example.text.split(" ").length;

describe("classes", () => {
  const train = {
    name: "train.csv",
    examples: () =>
      stream([
        ["pay me back", "Billing"],
        ["where is it", "shipping"],
        ["pay me back ", "Billing"],
        ["where is it", "billing"],
        ["  ", "Billing"],
      ]),
  };
  const validation = {
    name: "dev.csv",
    examples: () =>
      stream([
        ["where is it", "shipping"],
        ["a new one", "other"],
        ["money", "Billing"],
        ["a new two", "other"],
      ]),
  };
  const inspect = () =>
    inspectTexts({
      train: { name: train.name, layout: "comma-separated, header", examples: train.examples() },
      validation: { name: validation.name, examples: validation.examples() },
      kind: "class",
      lengthOf: words,
      maxLength: 4,
    });

  it("counts rows, labels, duplicates, overlap and what is unknown", async () => {
    const report = await inspect();
    expect(report.train).toMatchObject({
      rows: 5,
      labels: [
        { label: "Billing", count: 3 },
        { label: "billing", count: 1 },
        { label: "shipping", count: 1 },
      ],
      duplicates: {
        rows: 2,
        examples: [
          { line: 4, first: 2 },
          { line: 5, first: 3 },
        ],
      },
      conflicts: { rows: 1, examples: [{ line: 5, first: 3 }] },
      emptyTexts: { rows: 1, examples: [{ line: 6 }] },
    });
    expect(report.validation).toMatchObject({
      rows: 4,
      inTrain: { rows: 1, examples: [{ line: 2, first: 3 }] },
      unknownLabels: [{ label: "other", count: 2, line: 3 }],
      duplicates: { rows: 0 },
    });
    expect(report.similarLabels).toEqual([
      [
        { label: "Billing", count: 4 },
        { label: "billing", count: 1 },
      ],
    ]);
    expect(report.baseline).toEqual({
      on: "dev.csv",
      prediction: "Billing",
      metric: "accuracy",
      value: 0.25,
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("says it in plain lines", async () => {
    expect(formatReport(await inspect())).toBe(
      `train.csv: 5 rows, 3 labels
  read as comma-separated, header
  Billing   3  60.0 %
  billing   1  20.0 %
  shipping  1  20.0 %
  tokens  median 5, 95 % up to 6, 99 % up to 6, longest 6
dev.csv: 4 rows, 3 labels
  other     2  50.0 %
  Billing   1  25.0 %
  shipping  1  25.0 %
  tokens  median 5, 95 % up to 5, 99 % up to 5, longest 5
Baseline: always "Billing" has accuracy 0.2500 on dev.csv.
train.csv: 5 rows longer than 4 tokens; their ends are cut off.
train.csv: 1 empty text (line 6).
train.csv: 2 rows repeating an earlier text (lines 4 = 2, 5 = 3), 1 of them with another label (line 5 = 3).
dev.csv: 3 rows longer than 4 tokens; their ends are cut off.
dev.csv: 1 row also in train.csv (line 2 = 3).
dev.csv:3: label "other" (2) is not in train.csv.
Labels "Billing" (4) and "billing" (1) differ only in case.`,
    );
  });

  it("has nothing to warn of where all is well", async () => {
    const report = await inspectTexts({
      train: {
        name: "f",
        examples: stream([
          ["a", "x"],
          ["b", "y"],
        ]),
      },
      kind: "class",
    });
    expect(report).not.toHaveProperty("validation");
    expect(report.train).not.toHaveProperty("lengths");
    expect(formatReport(report).split("\n")).toEqual([
      "f: 2 rows, 2 labels",
      "  x  1  50.0 %",
      "  y  1  50.0 %",
      'Baseline: always "x" has accuracy 0.5000 on f.',
    ]);
  });

  it("warns of a single label, which a classifier cannot learn from", async () => {
    const one = () => ({ name: "f", examples: stream([["a", "x"]]) });
    const warning = 'f: every row has the label "x"; a classifier needs at least two.';
    expect(formatReport(await inspectTexts({ train: one(), kind: "class" }))).toContain(warning);
    expect(formatReport(await inspectTexts({ train: one(), kind: "multi" }))).not.toContain(warning);
  });

  it("works without labels", async () => {
    const report = await inspectTexts({
      train: { name: "f", examples: stream([["a"], ["a"]]) },
      kind: "class",
    });
    expect(report).not.toHaveProperty("baseline");
    expect(report.train.duplicates.rows).toBe(1);
    expect(report.train.conflicts.rows).toBe(0);
  });
});

describe("lengths", () => {
  it("are quantiles by nearest rank", async () => {
    const rows = Array.from({ length: 200 }, (_, i): [string, string] => [`${i}`, "x"]);
    const report = await inspectTexts({
      train: { name: "f", examples: stream(rows) },
      kind: "class",
      lengthOf: ({ text }) => Number(text) + 1,
      maxLength: 150,
    });
    expect(report.train.lengths).toEqual({
      mean: 100.5,
      median: 100,
      p90: 180,
      p95: 190,
      p99: 198,
      max: 200,
      bins: expect.any(Array),
      exceeding: { limit: 150, rows: 50 },
    });
    const bins = report.train.lengths!.bins;
    expect(bins.slice(0, 2)).toEqual([
      { from: 0, to: 5, rows: 5 },
      { from: 6, to: 11, rows: 6 },
    ]);
    expect([bins.length, bins.at(-1)]).toEqual([34, { from: 198, to: 203, rows: 3 }]);
  });
});

describe("numbers", () => {
  it("have moments, and a baseline by the mean of train", async () => {
    const report = await inspectTexts({
      train: {
        name: "t",
        examples: stream([
          ["a", "1"],
          ["b", "2"],
          ["c", "6"],
          ["a", "1.0"],
        ]),
      },
      validation: {
        name: "v",
        examples: stream([
          ["d", "2.5"],
          ["e", "4.5"],
        ]),
      },
      kind: "number",
    });
    expect(report.train.scores).toEqual({
      min: 1,
      max: 6,
      mean: 2.5,
      sd: expect.closeTo(Math.sqrt(4.25), 12),
    });
    expect(report.train).not.toHaveProperty("labels");
    expect(report.train.duplicates.rows).toBe(1);
    expect(report.train.conflicts.rows).toBe(0);
    expect(report.baseline).toEqual({ on: "v", prediction: 2.5, metric: "mse", value: 2 });
    expect(formatReport(report)).toContain(
      "Baseline: always 2.5, train's mean, has a mean squared error of 2 on v.",
    );
  });
});

describe("several labels", () => {
  it("counts each, and takes the most frequent set as the baseline", async () => {
    const report = await inspectTexts({
      train: {
        name: "t",
        examples: stream([
          ["a", ["x", "y"]],
          ["b", ["y", "x"]],
          ["c", []],
          ["a", ["y", "x"]],
        ]),
      },
      kind: "multi",
    });
    expect(report.train.labels).toEqual([
      { label: "x", count: 3 },
      { label: "y", count: 3 },
    ]);
    expect(report.train.conflicts.rows).toBe(0);
    expect(report.baseline).toEqual({ on: "t", prediction: ["x", "y"], metric: "accuracy", value: 0.75 });
    expect(formatReport(report)).toContain('Baseline: always ["x", "y"] has accuracy 0.7500 on t.');
  });
});

it("a pair is the same only where both texts are", async () => {
  const rows: [string, string, string][] = [
    ["a", "x", "b"],
    ["a", "x", "c"],
    ["a", "x", "b"],
  ];
  const report = await inspectTexts({ train: { name: "t", examples: stream(rows) }, kind: "class" });
  expect(report.train.duplicates).toEqual({ rows: 1, examples: [{ line: 4, first: 2 }] });
});
