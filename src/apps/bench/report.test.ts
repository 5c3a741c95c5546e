/** The table and the JSON lines, to the letter. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, expect, it } from "vitest";
import { Report } from "./report.ts";
import { compare } from "./statistics.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("prints a header once, a row a case, and what the figures are of", () => {
  const stdout = new PassThrough();
  const report = new Report(stdout);
  report.note("a processor");
  report.add(compare("minilm-32x32", "ms", [246.4, 250], [412, 400]), "PyTorch");
  report.add(compare("tokenizer", "tokens/s", [3_100_000, 2_900_000, 3_000_000], undefined), "3 turns");
  report.add(compare("startup", "s", [0.78123, 1.07], undefined), "2 turns");
  expect(String(stdout.read())).toBe(
    [
      "a processor",
      "case                         unit           ours       peer  ratio min     median        max",
      "minilm-32x32                 ms              248        406       1.60       1.64       1.67",
      "    PyTorch",
      "tokenizer                    tokens/s  3,000,000          -          -          -          -",
      "    2,900,000 to 3,100,000 tokens/s; 3 turns",
      "startup                      s            0.9256          -          -          -          -",
      "    0.7812 to 1.07 s; 2 turns",
      "",
    ].join("\n"),
  );
});

it("writes the measurement, its note and the common fields, one object a line, over an older file", () => {
  const jsonFile = join(folder, "figures.jsonl");
  for (const name of ["older", "case"]) {
    const report = new Report(new PassThrough(), { jsonFile, fields: { machine: "a processor" } });
    report.add(compare(name, "s", [3, 4, 5], [6, 6, 6]), "a note");
  }
  expect(readFileSync(jsonFile, "utf8")).toBe(
    `${JSON.stringify({
      ...{ case: "case", unit: "s", ours: 4, peer: 6, ratio_min: 1.2, ratio_median: 1.5, ratio_max: 2 },
      ...{ ours_min: 3, ours_max: 5, note: "a note", machine: "a processor" },
    })}\n`,
  );
});

it("refuses a file that cannot be written", () => {
  const jsonFile = join(folder, "no/such.jsonl");
  expect(() => new Report(new PassThrough(), { jsonFile })).toThrow(/^--json .*such\.jsonl: ENOENT/);
});
