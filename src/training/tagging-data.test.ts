/** Tagged sentences to features: which token has which label, tags in one form, and what is wrong with a file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { VOCABULARY } from "../../test/cli/tiny-model.ts";
import { refusal } from "../../test/helpers/refusal.ts";
import { createTokenizer } from "../text/tokenizer/tokenizer.ts";
import type { DataInput, WordsRow } from "./options.ts";
import { readTaggingData, type TaggingData, type TaggingDataOptions } from "./tagging-data.ts";

/** "good" is a piece, "xyz" is spelt: three. */
const tokenizer = createTokenizer({ vocab: VOCABULARY.join("\n") });

const folder = mkdtempSync(join(tmpdir(), "bertwright-tagging-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const read = (input: DataInput, options: Partial<TaggingDataOptions> = {}): Promise<TaggingData> =>
  readTaggingData(input, { tokenizer, maxSeqLength: 16, ...options });

const tagged = (tokens: string, tags: string): WordsRow => ({
  tokens: tokens.split(" "),
  tags: tags.split(" "),
});

/** Each token's label by name, "-" without one; a list a window. */
function labelsOf({ features, labels }: TaggingData): string[][] {
  return Array.from({ length: features.rows }, (_, row) =>
    Array.from(features.label(row), (label) => labels[label] ?? "-"),
  );
}

const referencesOf = ({ references, names }: TaggingData) => Array.from(references, (tag) => names[tag]);

describe("tokens and labels", () => {
  const row = tagged("good xyz day", "O B-X I-X");

  it("a word's first piece has its tag, the others none", async () => {
    const data = await read([row]);
    expect(data.labels).toEqual(["B-X", "I-X", "O"]);
    expect(labelsOf(data)).toEqual([["-", "O", "B-X", "-", "-", "I-X", "-"]]);
    expect([...data.words]).toEqual([-1, 0, 1, -1, -1, 2, -1]);
    expect(referencesOf(data)).toEqual(["O", "B-X", "I-X"]);
  });

  it("with all pieces labelled, those after a B-'s first go on with its span", async () => {
    const data = await read([row], { labelAllPieces: true });
    expect(labelsOf(data)).toEqual([["-", "O", "B-X", "I-X", "I-X", "I-X", "-"]]);
    // Still predicted by the first.
    expect([...data.words]).toEqual([-1, 0, 1, -1, -1, 2, -1]);
  });

  it("and with B- again where no label I- is there", async () => {
    const data = await read([tagged("good xyz", "O B-X")], { labelAllPieces: true });
    expect(labelsOf(data)).toEqual([["-", "O", "B-X", "B-X", "B-X", "-"]]);
  });

  it("words are numbered through all sentences", async () => {
    const data = await read([row, tagged("bad", "O"), tagged("sad day", "B-X O")]);
    expect([...data.sentenceEnds]).toEqual([3, 4, 6]);
    expect([...data.words].filter((word) => word >= 0)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(referencesOf(data)).toEqual(["O", "B-X", "I-X", "O", "B-X", "O"]);
    expect([data.examples, data.features.rows, data.notes]).toEqual([3, 3, []]);
  });

  it("a word that the tokenizer leaves nothing of keeps its place and its tag, and is told", async () => {
    const data = await read([tagged("good \u0001 day", "O B-X O"), tagged("\u0001", "B-X")]);
    expect(labelsOf(data)).toEqual([["-", "O", "O", "-"]]);
    expect([...data.words]).toEqual([-1, 0, 2, -1]);
    expect([...data.sentenceEnds]).toEqual([3, 4]);
    expect(referencesOf(data)).toEqual(["O", "B-X", "O", "B-X"]);
    expect(data.notes).toEqual(["2 words that the tokenizer leaves nothing of"]);
  });

  it("rows without any piece cannot be learned from, and can be measured", async () => {
    const rows = [tagged("\u0001", "B-X")];
    expect(await refusal(read(rows))).toContain("leaves nothing of any word");
    const data = await read(rows, { known: { labels: ["B-X", "O"], scheme: "IOB2" } });
    expect([data.features.rows, referencesOf(data)]).toEqual([0, ["B-X"]]);
  });

  it.each([false, true])(
    "a long sentence is windows, each word labelled once (all pieces: %s)",
    async (all) => {
      // Words of one to three pieces; the tag tells the number.
      const words = Array.from({ length: 200 }, (_, i) => ["good", "xy", "xyz"][(i * i) % 3]);
      const tags = words.map((word) => `T${word.length}`);
      const data = await read([{ tokens: words, tags }], { labelAllPieces: all });
      const { features } = data;
      expect(features.rows).toBeGreaterThan(10);
      expect(features.maxLength).toBe(16);
      const predicted = [...data.words].filter((word) => word >= 0);
      expect(predicted.sort((a, b) => a - b)).toEqual([...words.keys()]);
      const labels = labelsOf(data).flat();
      [...data.words].forEach((word, token) => {
        if (word >= 0) expect(labels[token]).toBe(tags[word]);
      });
      const pieces = words.reduce((sum, word) => sum + (word === "good" ? 1 : word.length), 0);
      expect(labels.filter((label) => label !== "-")).toHaveLength(all ? pieces : words.length);
      expect(data.notes).toEqual(["1 longer than 16 tokens, read in overlapping windows"]);
    },
  );

  it("rows that are only trained on keep no words", async () => {
    const rows = [row, tagged("good \u0001 day", "O B-X O")];
    for (const labelAllPieces of [false, true]) {
      const trained = await read(rows, { labelAllPieces, trainingOnly: true });
      expect(labelsOf(trained)).toEqual(labelsOf(await read(rows, { labelAllPieces })));
      expect([trained.words.length, trained.examples]).toEqual([0, 2]);
    }
  });

  it("more tags than any tagger has are refused", async () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      tagged("good ".repeat(1000).trim(), Array.from({ length: 1000 }, (_tag, j) => `T${i}-${j}`).join(" ")),
    );
    const message = await refusal(read(rows, { maxSeqLength: 512 }));
    expect(message).toContain("rows in memory:33: the file has more than 32768 different tags up to here");
    const allowed = await read(rows.slice(0, 32), { maxSeqLength: 512 });
    expect(allowed.labels.length).toBe(32_000);
    expect(labelsOf(allowed).flat()).toContain("T31-999");
  });

  it("the same sentence gives the same labels however wide the windows overlap", async () => {
    const words = Array.from({ length: 60 }, (_, i) => ["good", "xyz"][i % 2]);
    const tags = words.map((_, i) => `T${i % 5}`);
    for (const docStride of [0, 1, 13]) {
      const data = await read([{ tokens: words, tags }], { docStride });
      const predicted = [...data.words].filter((word) => word >= 0);
      expect(predicted.sort((a, b) => a - b)).toEqual([...words.keys()]);
    }
    expect(await refusal(read([{ tokens: words, tags }], { docStride: 14 }))).toContain(
      "docStride is 14, expected a whole number from 0 to 13",
    );
  });

  it("without a tokenizer the tags are checked and the features stay empty", async () => {
    const data = await read([row], { tokenizer: undefined });
    expect([data.features.rows, data.labels]).toEqual([0, ["B-X", "I-X", "O"]]);
    const bad = [tagged("a b c", "O I-X O"), tagged("a b", "B-X I-X")];
    await refusal(read(bad, { tokenizer: undefined }));
  });

  it("stops on an abort", async () => {
    const rows = Array.from({ length: 1024 }, () => row);
    await expect(read(rows, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

describe("tags in one form", () => {
  it.each([
    ["IOB2", "B-X B-X I-X O B-Y I-Y"],
    ["IOB1", "I-X B-X I-X O I-Y I-Y"],
    ["IOBES", "S-X B-X E-X O B-Y E-Y"],
    ["BILOU", "U-X B-X L-X O B-Y L-Y"],
  ])("%s becomes IOB2", async (scheme, tags) => {
    const data = await read([tagged("the sad fine day was bad", tags)]);
    expect(data.scheme).toBe(scheme);
    expect(data.labels).toEqual(["B-X", "B-Y", "I-X", "I-Y", "O"]);
    expect(referencesOf(data)).toEqual(["B-X", "B-X", "I-X", "O", "B-Y", "I-Y"]);
    expect(labelsOf(data)).toEqual([["-", "B-X", "B-X", "I-X", "O", "B-Y", "I-Y", "-"]]);
  });

  it("tags that mark no spans stay as they are", async () => {
    const data = await read([tagged("the day was", "DET NOUN AUX"), tagged("bad", "ADJ")]);
    expect([data.scheme, data.labels]).toEqual(["none", ["ADJ", "AUX", "DET", "NOUN"]]);
  });

  it("a file that is read for a model is brought to the model's form, whatever its own", async () => {
    const labels = ["O", "I-X", "B-X"];
    const data = await read([tagged("good day", "B-X E-X")], { known: { labels, scheme: "IOB1" } });
    expect([data.scheme, data.labels]).toEqual(["IOBES", labels]);
    expect(referencesOf(data)).toEqual(["B-X", "I-X"]);
    const none = await read([tagged("good day", "O O")], { known: { labels, scheme: "IOB1" } });
    expect(referencesOf(none)).toEqual(["O", "O"]);
  });

  it("of a model whose tags mark no spans they stay as they are", async () => {
    const known = { labels: ["I-X", "O"], scheme: "none" as const };
    const data = await read([tagged("good day", "O I-X")], { known });
    expect(referencesOf(data)).toEqual(["O", "I-X"]);
  });

  it("tags that the model does not have are kept, unlabelled, and told", async () => {
    const known = { labels: ["B-X", "O"], scheme: "IOB2" as const };
    const data = await read([tagged("good bad day", "B-Y I-Y O")], { known });
    expect(data.labels).toEqual(["B-X", "O"]);
    expect(data.names).toEqual(["B-X", "O", "B-Y", "I-Y"]);
    expect(referencesOf(data)).toEqual(["B-Y", "I-Y", "O"]);
    expect(labelsOf(data)).toEqual([["-", "-", "-", "O", "-"]]);
    expect([...data.words]).toEqual([-1, 0, 1, 2, -1]);
    expect(data.notes).toEqual(['tags that the model does not have count as wrong: "B-Y", "I-Y"']);
  });
});

it("a single tag is nothing to learn", async () => {
  const rows = [tagged("a day", "O O")];
  expect(await refusal(read(rows))).toBe(
    'rows in memory: every word has the tag "O"; a tagger needs at least two.\nIs this the right --tag-column?',
  );
  const known = { labels: ["O", "B-X"], scheme: "IOB2" } as const;
  expect((await read(rows, { known })).labels).toEqual(["O", "B-X"]);
});

describe("tags that break their scheme", () => {
  const conll = [
    "good B-X\nday I-X\n",
    "the O\nday I-X\n",
    "a O\nfilm B-X\nwas I-X\nsad O\n",
    "bad I-Y\nday B-X\n",
  ].join("\n");

  it("are refused with each sentence that has one", async () => {
    const path = file("broken.conll", conll);
    expect(await refusal(read(path))).toBe(
      `${path}:4: "I-X" after "O" (word 2), where the other tags keep to IOB2; 2 such, in the sentences at 4, 12.\n` +
        "Correct the tags, or read them as conlleval does with --allow-tag-errors.",
    );
  });

  it("are read as conlleval reads them where that was asked for", async () => {
    const data = await read(file("allowed.conll", conll), { allowTagErrors: true });
    expect(referencesOf(data).join(" ")).toBe("B-X I-X O B-X O B-X I-X O B-Y B-X");
  });

  it("are no mistakes where they change nothing: B-X for I-X in IOB1", async () => {
    const data = await read([tagged("a day was sad", "O B-X O I-X"), tagged("a day was", "O I-X I-X")]);
    expect(data.scheme).toBe("IOB1");
    expect(referencesOf(data)).toEqual(["O", "B-X", "O", "B-X", "O", "B-X", "I-X"]);
  });

  it("and a tag of no scheme is one, behind however many of those", async () => {
    const rows = [
      ...Array.from({ length: 6 }, () => tagged("a day", "O B-X")),
      ...Array.from({ length: 9 }, () => tagged("a day", "O I-X")),
      tagged("a film", "O PLACE"),
    ];
    expect(await refusal(read(rows))).toContain("where the other tags keep to IOB1");
  });
});

describe("spans of characters", () => {
  const row = (text: string, ...spans: string[]) => ({
    text,
    entities: spans.map((span) => {
      const start = text.indexOf(span);
      return { start, end: start + span.length, label: "X" };
    }),
  });

  it("are tags of the words that they hold", async () => {
    const data = await read([row("a 😀 good day, sad", "good day", "sad")]);
    // Words: a 😀 good day , sad
    expect(referencesOf(data)).toEqual(["O", "O", "B-X", "I-X", "O", "B-X"]);
    expect(labelsOf(data)).toEqual([["-", "O", "O", "B-X", "I-X", "O", "B-X", "-"]]);
    expect(data.scheme).toBe("IOB2");
  });

  it("that cut words are refused with every row that has one", async () => {
    const rows = [row("good day", "good d"), row("sad day", "sad"), row("a film", "fil", "a"), row("a day")];
    expect(await refusal(read(rows))).toBe(
      'rows in memory:1: the span "good d" cuts the word "day"; 2 such in rows 1, 3.\n' +
        "Spans begin and end with words; correct their start and end.",
    );
    const path = file(
      "spans.jsonl",
      rows
        .slice(1)
        .map((each) => JSON.stringify(each))
        .join("\n"),
    );
    expect(await refusal(read(path))).toContain(`${path}:2: the span "fil" cuts the word "film".`);
  });

  it("beside an emoji are refused with the word that has it", async () => {
    expect(await refusal(read([row("a day😀 good", "day")]))).toContain(
      'the span "day" cuts the word "day😀".\n',
    );
  });

  it("that hold nothing but white space are refused", async () => {
    expect(await refusal(read([row("good  day", "  ")]))).toContain("covers no word.\n");
  });
});

describe("words and tags in two files", () => {
  it("go together line by line", async () => {
    const words = file("words.txt", "good day\nsad\n");
    const data = await read(words, { tags: file("tags.txt", "B-X I-X\nO\n") });
    expect(referencesOf(data)).toEqual(["B-X", "I-X", "O"]);
    expect(data.layout).toContain("tags.txt");
  });

  it("need a first file", async () => {
    const tags = file("alone.txt", "O\n");
    expect(await refusal(read([tagged("good", "O")], { tags }))).toContain("need words in a first one");
  });
});
