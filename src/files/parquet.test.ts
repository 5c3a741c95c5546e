import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../util/errors.ts";
import { isParquet, readParquetRows } from "./parquet.ts";
import { classNamings } from "./parquet-features.ts";

const FIXTURES = join(import.meta.dirname, "../../test/fixtures/parquet");
const SCRATCH = mkdtempSync(join(tmpdir(), "parquet-"));
afterAll(() => rmSync(SCRATCH, { recursive: true }));
const fixture = (name: string) => join(FIXTURES, `${name}.parquet`);

async function rowsOf(path: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const row of readParquetRows(path)) rows.push(row);
  return rows;
}

/** The rows, or the message of the `InputError`; anything else fails the test. */
async function outcomeOf(bytes: Uint8Array): Promise<unknown> {
  const path = join(SCRATCH, "damaged.parquet");
  writeFileSync(path, bytes);
  return rowsOf(path).catch((error: unknown) => {
    if (error instanceof InputError) return error.message;
    throw error;
  });
}

const TEXTS = [
  { text: "A fine day.", label: 1 },
  { text: "Rain 🌧 again.", label: 0 },
  { text: null, label: 1 },
  { text: "Naïve café.", label: 2n ** 53n + 2n },
];

describe("isParquet", () => {
  it("knows a Parquet file by its first bytes, not by its name", async () => {
    const csv = join(SCRATCH, "rows.parquet");
    writeFileSync(csv, "text,label\nfine,1\n");
    expect(await isParquet(fixture("texts-snappy"))).toBe(true);
    expect(await isParquet(csv)).toBe(false);
  });

  it("is false for what is no regular file", async () => {
    expect(await isParquet("-")).toBe(false);
    expect(await isParquet(FIXTURES)).toBe(false);
    expect(await isParquet(join(FIXTURES, "missing"))).toBe(false);
  });
});

describe("readParquetRows", () => {
  it.each(["none", "snappy", "gzip", "brotli", "zstd", "lz4", "v2"])(
    "reads two row groups, %s",
    async (kind) => {
      expect(await rowsOf(fixture(`texts-${kind}`))).toEqual(TEXTS);
    },
  );

  it("gives lists and structs as arrays and objects", async () => {
    expect(await rowsOf(fixture("questions"))).toEqual([
      {
        id: "q1",
        context: "🏔 Mount Elm rises 912 metres.",
        question: "How high is Mount Elm?",
        answers: { text: ["912 metres", "912"], answer_start: [18, 18] },
      },
      {
        id: "q2",
        context: "Elm Lake is deep.",
        question: "How deep is Elm Lake?",
        answers: { text: [], answer_start: [] },
      },
    ]);
  });

  it("gives class numbers their names, wherever they stand", async () => {
    expect(await rowsOf(fixture("tagged"))).toEqual([
      {
        id: "0",
        tokens: ["Ada", "Byron", "wrote", "."],
        ner_tags: ["B-PER", "I-PER", "O", "O"],
        entities: { kind: ["B-PER"], word: [0] },
        polarity: "positive",
      },
      {
        id: "1",
        tokens: ["Yes", "."],
        ner_tags: ["O", "O"],
        entities: { kind: [], word: [] },
        polarity: "negative",
      },
      { id: "2", tokens: [], ner_tags: [], entities: { kind: [], word: [] }, polarity: null },
    ]);
  });

  it("gives times as text, and bytes as text where they are", async () => {
    expect(await rowsOf(fixture("kinds"))).toEqual([
      {
        when: "2020-05-17T12:30:00.000Z",
        score: 0.25,
        flag: true,
        vector: [0.5, 1.5],
        bytes: "plain",
        image: new Uint8Array([0xff, 0xd8, 0xff]),
      },
    ]);
  });

  it("gives no rows where there are none", async () => {
    expect(await rowsOf(fixture("empty"))).toEqual([]);
  });

  it("says that a file is not there", async () => {
    await expect(rowsOf(join(FIXTURES, "missing"))).rejects.toThrow("no such file");
  });

  it("refuses a file cut anywhere", async () => {
    const bytes = readFileSync(fixture("tagged"));
    for (let length = 4; length < bytes.length; length += 61) {
      expect(await outcomeOf(bytes.subarray(0, length)), `${length} bytes`).toMatch(
        /damaged\.parquet: this Parquet file cannot be read \(.*\)\.\nIt is cut off or damaged: get it again\.$/,
      );
    }
  });

  it("refuses text that is not UTF-8", async () => {
    const bytes = readFileSync(fixture("texts-none"));
    bytes[bytes.indexOf("fine")] = 0xe9;
    expect(await outcomeOf(bytes)).toMatch(/cannot be read \(.*encod.*\)/);
  });

  // The fixtures in which hyparquet alone reads in circles, or leaves a rejected promise that ends the process.
  it("refuses pages whose header was damaged, and comes back from any of them", async () => {
    const bytes = readFileSync(fixture("texts-v2"));
    for (let at = 4; at < 190; at++) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = 0;
      await outcomeOf(damaged);
    }
    const damaged = Uint8Array.from(bytes);
    damaged[128] = 0;
    expect(await outcomeOf(damaged)).toContain("a page without a count of its rows");
  });
});

describe("classNamings", () => {
  const features = (feature: object) => JSON.stringify({ info: { features: { x: feature } } });
  const label = { _type: "ClassLabel", names: ["no", "yes"] };

  it.each([
    ["a list written as an array", [label], [1, 0], ["yes", "no"]],
    ["a list of today's `datasets`", { feature: label, _type: "List" }, [1], ["yes"]],
    ["lists in lists", [[label]], [[0], [1]], [["no"], ["yes"]]],
    ["a struct", { a: label, b: { _type: "Value" } }, { a: 1, b: 1 }, { a: "yes", b: 1 }],
    ["a list of structs", [{ a: label }], [{ a: 0 }], [{ a: "no" }]],
    ["numbers that are no class", label, 2, null],
    ["names in the file already", label, "yes", "yes"],
  ])("names %s", (_, feature, value, named) => {
    expect(classNamings(features(feature)).get("x")?.(value)).toEqual(named);
  });

  it("has nothing for columns without classes and for other metadata", () => {
    expect(classNamings(features({ _type: "Value", dtype: "int64" })).size).toBe(0);
    for (const other of [undefined, "", "{", "[]", "null", '{"info":null}', '{"info":{"features":[]}}'])
      expect(classNamings(other).size, other).toBe(0);
  });
});
