/** Labelled text to features: what the labels are, and what is wrong with a row. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeFile as writeToPipe } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type ByteSource, rereadable } from "../text/data/source.ts";
import { createTokenizer } from "../text/tokenizer/tokenizer.ts";
import { InputError } from "../util/errors.ts";
import {
  type ClassificationData,
  type ClassificationDataOptions,
  readClassificationData,
} from "./classification-data.ts";
import { isRepeatable } from "./dataset.ts";
import type { DataInput, TextRow } from "./options.ts";

const VOCAB = join(import.meta.dirname, "../../test/fixtures/vocab/uncased-vocab.txt");
const tokenizer = createTokenizer({ vocab: readFileSync(VOCAB, "utf8") });

const folder = mkdtempSync(join(tmpdir(), "bertwright-dataset-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function read(
  input: DataInput,
  options: Partial<ClassificationDataOptions> = {},
): Promise<ClassificationData> {
  return readClassificationData(input, { tokenizer, maxSeqLength: 16, ...options });
}

function labelsOf({ features }: ClassificationData): number[][] {
  return Array.from({ length: features.rows }, (_, row) => Array.from(features.label(row)));
}

/** Rows with these labels. */
function labelled(...labels: TextRow["label"][]): TextRow[] {
  return labels.map((label, i) => ({ text: `row ${i}`, label }));
}

describe("what the labels are", () => {
  it("names are classes, sorted", async () => {
    const data = await read(labelled("warm", "cold", "warm", "mild"));
    expect(data.problemType).toBe("single_label_classification");
    expect(data.labels).toEqual(["cold", "mild", "warm"]);
    expect(labelsOf(data)).toEqual([[2], [0], [2], [1]]);
  });

  it("whole numbers are classes", async () => {
    const data = await read(labelled(1, 0, 2));
    expect([data.problemType, data.labels]).toEqual(["single_label_classification", ["0", "1", "2"]]);
  });

  it("numbers with a fraction are scores", async () => {
    const data = await read(labelled(1.5, 0, -2));
    expect([data.problemType, data.labels]).toEqual(["regression", []]);
    expect(labelsOf(data)).toEqual([[1.5], [0], [-2]]);
  });

  it("several a row are labels of their own", async () => {
    const data = await read(labelled(["red", "big"], [], ["big"], ["old", "red"]));
    expect([data.problemType, data.labels]).toEqual(["multi_label_classification", ["big", "old", "red"]]);
    expect(labelsOf(data)).toEqual([
      [1, 0, 1],
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 1],
    ]);
  });

  it("the problem type that was given wins", async () => {
    const scores = await read(labelled(1, 0, 2), { problemType: "regression" });
    expect(labelsOf(scores)).toEqual([[1], [0], [2]]);
    const classes = await read(labelled("0.5", "1.5"), { problemType: "single_label_classification" });
    expect(classes.labels).toEqual(["0.5", "1.5"]);
    const rows = labelled("a", "b");
    const multi = await read(rows, { problemType: "multi_label_classification" });
    expect(labelsOf(multi)).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it("a single class is nothing to learn", async () => {
    await expect(read(labelled("a", "a"))).rejects.toThrow(InputError);
  });

  it("a score must be a number", async () => {
    const wrong = read(labelled(1, "high"), { problemType: "regression" });
    await expect(wrong).rejects.toThrow(/^rows in memory:2: "high"/);
  });
});

describe("validation rows", () => {
  const known = { problemType: "single_label_classification", labels: ["cold", "hot", "warm"] } as const;

  it("are numbered as in training", async () => {
    const data = await read(labelled("warm", "warm"), { known });
    expect(data.labels).toEqual(["cold", "hot", "warm"]);
    expect(labelsOf(data)).toEqual([[2], [2]]);
  });

  it("are refused for a label that training does not have, by file and line", async () => {
    const path = file("dev.tsv", "text\tlabel\nice and snow\tcold\nsun and sand\twram\n");
    await expect(read(path, { known })).rejects.toThrow(
      new InputError(
        `${path}:3: label "wram" is not in the training data, which has "cold", "hot", "warm".\nDid you mean "warm"?`,
      ),
    );
  });

  it("have training's labels where several are possible", async () => {
    const multi = { problemType: "multi_label_classification", labels: ["big", "old", "red"] } as const;
    expect(labelsOf(await read(labelled(["old"], []), { known: multi }))).toEqual([
      [0, 1, 0],
      [0, 0, 0],
    ]);
    await expect(read(labelled(["new"]), { known: multi })).rejects.toThrow(/^rows in memory:1: label "new"/);
  });

  it("are scores where training had scores, whole or not", async () => {
    const scores = { problemType: "regression", labels: [] } as const;
    expect(labelsOf(await read(labelled(3, 4), { known: scores }))).toEqual([[3], [4]]);
  });
});

describe("rows in memory", () => {
  it("come from an array, an iterable or an async iterable alike", async () => {
    const rows = labelled("a", "b", "a");
    async function* later() {
      yield* rows;
    }
    const sets = [await read(rows), await read(new Set(rows)), await read(later())];
    for (const data of sets) {
      expect([data.name, data.features.rows, data.pair]).toEqual(["rows in memory", 3, false]);
      expect(labelsOf(data)).toEqual([[0], [1], [0]]);
      expect(data.features.inputIds(1)).toEqual(sets[0].features.inputIds(1));
    }
  });

  it("may be pairs", async () => {
    const data = await read([
      { text: "one", textPair: "two three", label: "a" },
      { text: "four", textPair: "five", label: "b" },
    ]);
    const { inputIds, firstLength } = tokenizer.encodeIds("one", "two three");
    expect(data.pair).toBe(true);
    expect(Array.from(data.features.inputIds(0))).toEqual([...inputIds]);
    expect(data.features.firstLength(0)).toBe(firstLength);
    expect(firstLength).toBeLessThan(data.features.length(0));
  });

  it("without any row are refused", async () => {
    await expect(read([])).rejects.toThrow(InputError);
  });

  it("need a label each", async () => {
    await expect(read([{ text: "x", label: "a" }, { text: "y" }])).rejects.toThrow(/^rows in memory:2: /);
  });
});

describe("readClassificationData", () => {
  it("cuts long rows and counts them", async () => {
    const rows = [
      { text: "one two three four five six", label: "a" },
      { text: "one", label: "b" },
    ];
    const data = await read(rows, { maxSeqLength: 5 });
    expect([data.truncated, data.features.maxLength]).toEqual([1, 5]);
    expect((await read(rows, { maxSeqLength: 64 })).truncated).toBe(0);
  });

  it("reads a file and tells how", async () => {
    const path = file("train.csv", 'text,label\n"well, well",a\nfine,b\n');
    const data = await read(path);
    expect([data.name, data.features.rows]).toEqual([path, 2]);
    expect(data.layout).toContain("comma-separated");
    expect(Array.from(data.features.inputIds(0))).toEqual([...tokenizer.encodeIds("well, well").inputIds]);
  });

  it("without a tokenizer checks the rows and keeps none", async () => {
    const data = await readClassificationData(labelled("a", "b"), { maxSeqLength: 16 });
    expect([data.features.rows, data.labels]).toEqual([0, ["a", "b"]]);
    await expect(readClassificationData(labelled("a", "a"), { maxSeqLength: 16 })).rejects.toThrow(
      InputError,
    );
  });

  it("stops where it is aborted", async () => {
    const reason = new Error("enough");
    const rows = Array.from({ length: 1024 }, (_, i) => ({ text: "x", label: `${i % 2}` }));
    await expect(read(rows, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("a pipe", () => {
  it("is read once, though its head is looked at first", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const text = `sentence,label\n${"one more row,yes\nand another,no\n".repeat(3)}`;
    const [data] = await Promise.all([read(pipe), writeToPipe(pipe, text)]);
    expect(data.features.rows).toBe(6);
    expect(data.labels).toEqual(["no", "yes"]);
  });

  it("does not come twice, nor does an iterator; files and arrays do", async () => {
    const rows = labelled("a", "b");
    const inputs = [join(folder, "pipe"), rows.values(), rows, file("twice.csv", "text,label\na,b\n")];
    const repeatable = await Promise.all(inputs.map(isRepeatable));
    expect(repeatable).toEqual([false, false, true, true]);
  });
});

describe("rereadable", () => {
  /** Bytes that come once, one chunk a byte; a second opening goes on where the first stopped. */
  function once(bytes: readonly number[]): ByteSource {
    const rest = bytes[Symbol.iterator]();
    return {
      name: "-",
      async *open() {
        for (let next = rest.next(); !next.done; next = rest.next()) yield Uint8Array.of(next.value);
      },
    };
  }

  async function take(source: ByteSource, most = Number.POSITIVE_INFINITY): Promise<number[]> {
    const taken: number[] = [];
    for await (const chunk of source.open()) {
      taken.push(...chunk);
      if (taken.length >= most) break;
    }
    return taken;
  }

  it.each([1, 3, 5, 9])("gives all bytes again after a look at %i of five", async (most) => {
    const source = rereadable(once([1, 2, 3, 4, 5]));
    expect(await take(source, most)).toEqual([1, 2, 3, 4, 5].slice(0, most));
    expect(await take(source)).toEqual([1, 2, 3, 4, 5]);
  });

  it("gives nothing twice where there is nothing", async () => {
    const source = rereadable(once([]));
    expect([await take(source), await take(source)]).toEqual([[], []]);
  });
});
