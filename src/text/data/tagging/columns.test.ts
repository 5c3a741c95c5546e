/** CoNLL columns, CoNLL-U and parallel files: what is a sentence, a word, a comment, and every way to be wrong. */
import { describe, expect, it } from "vitest";
import { InputError, UsageError } from "../../../util/errors.ts";
import { type ByteSource, sourceFromBytes, sourceFromText } from "../source.ts";
import { readParallel, readTagged, type TaggedExample, type TaggingReadOptions } from "./tagging.ts";

type Options = Partial<TaggingReadOptions> & { tags?: "required" | "optional" };

async function all(examples: AsyncIterable<TaggedExample>): Promise<TaggedExample[]> {
  const found: TaggedExample[] = [];
  for await (const example of examples) found.push(example);
  return found;
}

const readFrom = (source: ByteSource, { tags = "required", ...options }: Options = {}) =>
  all(readTagged(source, { ...options, needs: { tags } }));
const read = (text: string, options?: Options) => readFrom(sourceFromText("f.conll", text), options);
/** `line word/tag word/tag`, a sentence a string. */
const brief = async (text: string, options?: Options) =>
  (await read(text, options)).map(({ line, words = [], tags }) =>
    [line, ...words.map((word, i) => (tags === undefined ? word : `${word}/${tags[i]}`))].join(" "),
  );
const failure = (text: string, options?: Options) =>
  read(text, options).then(
    () => "no error",
    (error: unknown) => (error instanceof InputError ? error.message : `not an InputError: ${error}`),
  );

describe("CoNLL columns", () => {
  it("reads the first column as words and the last as tags, past document marks and odd blank lines", async () => {
    const text = "-DOCSTART- -X- O\n\nMia NNP B-PER\nran VBD O\n \t\n\n-DOCSTART- -X- O\nFar RB O\n";
    expect(await brief(text)).toEqual(["3 Mia/B-PER ran/O", "8 Far/O"]);
  });

  it.each([
    ["CR LF", "Mia\tB-PER\r\nran\tO\r\n\r\nFar\tO\r\n"],
    ["a byte order mark", "\ufeffMia\tB-PER\nran\tO\n\nFar\tO\n"],
    ["no end of the last line", "Mia\tB-PER\nran\tO\n\t\nFar\tO"],
    ["white space of any length", "Mia   B-PER \n ran\t O\n\nFar O\n"],
  ])("reads files with %s", async (_, text) => {
    expect(await brief(text)).toEqual(["1 Mia/B-PER ran/O", "4 Far/O"]);
  });

  it("gives the same whatever the chunks", async () => {
    const bytes = new TextEncoder().encode("Zoë\tB-PER\r\n🙂\tO\r\n\r\nFar\tO");
    const expected = await readFrom(sourceFromBytes("f", bytes));
    expect(expected.map(({ words }) => words)).toEqual([["Zoë", "🙂"], ["Far"]]);
    expect(await readFrom(sourceFromBytes("f", bytes, 1))).toEqual(expected);
  });

  it("tells comments from words that begin with #", async () => {
    const text = "# id 7\tsource=mail\n#\tO\n# \tO\n#1\tB-X\n\n# a second\n# comment\nok\tO\n";
    expect(await brief(text)).toEqual(["2 #/O # /O #1/B-X", "8 ok/O"]);
    expect(await brief("# O O\nyes X O\n")).toEqual(["1 #/O yes/O"]);
    expect(await brief("# id 4 of 9\nyes X O\n")).toEqual(["2 yes/O"]);
  });

  it("keeps words of odd characters", async () => {
    expect(await brief("\u2028\tO\na\u00a0b\tO\n\u0085\tO\n\u200b\tB-X\nNew York\tB-Y\n")).toEqual([
      "1 \u2028/O a\u00a0b/O \u0085/O \u200b/B-X New York/B-Y",
    ]);
    expect(await brief("\u00a0 O\nx\u3000y O\n")).toEqual(["1 \u00a0/O x\u3000y/O"]);
  });

  it("reads a sentence of 10,000 words", async () => {
    const [{ words, tags }] = await read("w\tO\n".repeat(10_000));
    expect([words?.length, tags?.length]).toEqual([10_000, 10_000]);
  });

  it.each([
    [{ tagColumn: 2 }, "1 Mia/NNP ran/VBD"],
    [{ textColumn: "2", tagColumn: "1" }, "1 NNP/Mia VBD/ran"],
    [{ textColumn: 3 }, "1 B-PER/Mia O/ran"],
    [{ tagColumn: 1 }, "1 B-PER/Mia O/ran"],
  ])("takes the columns that %j names", async (options, expected) => {
    expect(await brief("Mia NNP B-PER\nran VBD O\n", options)).toEqual([expected]);
  });

  it("reads names from a header, known or given", async () => {
    expect(await brief("Token\tPOS\nMia\tNNP\n")).toEqual(["2 Mia/NNP"]);
    const text = "nr,form,a,b\n1,Mia,x,y\n";
    expect(await brief(text, { delimiter: "comma", textColumn: "form", tagColumn: "a" })).toEqual([
      "2 Mia/x",
    ]);
  });

  it.each([
    ["too few columns", "a\tO\nb\n", "f.conll:2: 1 column, but 2 on other lines."],
    ["too many columns", "a O\nb O\nc B X\n", "f.conll:3: 3 columns, but 2 on other lines."],
    ["a # line inside a sentence", "a O\n# id of this\nb O\n", "f.conll:2: 4 columns"],
    ["no word", "a\tO\n\tO\n", "f.conll:2: no word in column 1."],
    ["no tag", "a\tO\nb\t\n", "f.conll:2: no tag in column 2."],
    ["one column", "a\nb\n\nc\n", "f.conll: one column, but a word and its tag are needed"],
    [
      "sentences",
      "One two three.\nFour five.\nSix seven eight nine.\n",
      "f.conll: cannot tell words and tags",
    ],
    ["whole texts", "sentence\tlabel\nGood one .\t1\nBad one .\t0\n", "f.conll: column 1 holds texts"],
    ["nothing", " \n\n", "f.conll is empty."],
    ["no sentence", "-DOCSTART- -X- O\n\n", "f.conll has no sentences."],
    ["a header only", "word\ttag\n", "f.conll has no sentences."],
  ])("refuses %s", async (_, text, message) => {
    expect(await failure(text)).toContain(message);
  });

  it.each([
    [{ tagColumn: 4 }, "f.conll: no column 4. It has columns 1 to 2.\nCorrect --tag-column"],
    [{ tagColumn: "nre" }, 'f.conll: no column "nre". It has "word", "ner".\nUse --tag-column ner.'],
    [{ textColumn: 2, tagColumn: 2 }, "cannot hold both words and tags"],
  ])("refuses the options %j", async (options, message) => {
    expect(await failure("word ner\nMia O\n", options)).toContain(message);
  });

  it("refuses options that no file could fit", async () => {
    await expect(read("a O\n", { delimiter: "||" })).rejects.toThrow(UsageError);
    await expect(read("a O\n", { encoding: "utf-9" })).rejects.toThrow(UsageError);
  });

  it("refuses a file that is one endless sentence", async () => {
    expect(await failure("w O\n".repeat(1_000_001))).toContain(
      "f.conll:1: a sentence of more than 1 million",
    );
  });
});

describe("files for prediction", () => {
  it("reads words a line where blank lines end sentences", async () => {
    expect(await brief("Mia\nran\n\n#\nFar\n", { tags: "optional" })).toEqual(["1 Mia ran", "4 # Far"]);
  });

  it.each([
    ["sentences", "Mia ran far.\n\nYes.\n"],
    ["lines without spaces", "你好\n再見\n"],
    ["pairs of words", "Mia ran\nYou sat\n"],
    ["two of four lines alike", "Mia ran\nYou sat down\nI too\nI said so\n"],
  ])("reads %s as one text a line", async (_, text) => {
    const lines = text.split("\n");
    const expected = lines.flatMap((line, i) => (line === "" ? [] : [{ line: i + 1, text: line }]));
    expect(await read(text, { tags: "optional" })).toEqual(expected);
  });

  it("keeps tags where they stand and lets them miss", async () => {
    expect(await brief("Mia B-PER\nran O\n", { tags: "optional" })).toEqual(["1 Mia/B-PER ran/O"]);
    expect(await brief("Mia\tB-PER\nran\t\n\nFar\tO\n", { tags: "optional" })).toEqual([
      "1 Mia ran",
      "4 Far/O",
    ]);
  });

  it("takes a single line for a text, whatever its last word looks like", async () => {
    for (const text of ["Take vitamin B-12", "B-PER", "a\tO", "He is O"]) {
      expect(await read(`${text}\n`, { tags: "optional" })).toEqual([{ line: 1, text }]);
    }
  });

  it("takes columns of few values for tags", async () => {
    const text = "Mia PROPN\nran VERB\nfar ADV\nand CCONJ\nwide ADJ\n".repeat(5);
    const [{ words, tags }] = await read(text, { tags: "optional" });
    expect([words?.length, tags?.[3]]).toEqual([25, "CCONJ"]);
  });
});

const row = (id: string, form: string, upos: string, xpos = "_") =>
  `${[id, form, form, upos, xpos, "_", "0", "root", "_", "_"].join("\t")}\n`;

describe("CoNLL-U", () => {
  const text =
    `# sent_id = 1\n# text = Can't go\n${row("1-2", "Can't", "_")}${row("1", "Ca", "AUX", "MD")}` +
    `${row("2", "n't", "PART", "RB")}${row("2.1", "to", "_")}${row("3", "go", "VERB", "VB")}\n` +
    `# sent_id = 2\n${row("1", "#", "SYM", "NN")}`;

  it("reads words, without ranges and empty nodes", async () => {
    expect(await brief(text)).toEqual(["4 Ca/AUX n't/PART go/VERB", "10 #/SYM"]);
  });

  it.each([
    [{ tagColumn: "xpos" }, "4 Ca/MD n't/RB go/VB"],
    [{ tagColumn: "DEPREL" }, "4 Ca/root n't/root go/root"],
    [{ tagColumn: 5 }, "4 Ca/MD n't/RB go/VB"],
    [{ tagColumn: "feats" }, "4 Ca/_ n't/_ go/_"],
    [{ textColumn: "upos", tagColumn: "form" }, "4 AUX/Ca PART/n't VERB/go"],
  ])("takes the columns that %j names", async (options, expected) => {
    expect((await brief(text, options))[0]).toBe(expected);
  });

  it.each([
    [
      "nine columns",
      `${row("1", "a", "X")}2\tb\tb\tX\t_\t_\t0\troot\t_\n`,
      "f.conll:2: 9 columns, but CoNLL-U",
    ],
    ["spaces for tabs", `${row("1", "a", "X")}2 b b X _ _ 0 root _ _\n`, "f.conll:2: 1 column, but CoNLL-U"],
    ["a broken id", `${row("1", "a", "X")}${row("b", "b", "X")}`, 'f.conll:2: id "b" is no number.'],
    ["a lost blank line", row("1", "a", "X").repeat(2), "f.conll:2: id 1 inside a sentence."],
    ["no tag", `${row("1", "a", "X")}${row("2", "b", "_")}`, "f.conll:2: no upos tag."],
    ["no word", `${row("1", "a", "X")}${row("2", "", "X")}`, "f.conll:2: no word in column 2."],
  ])("refuses %s", async (_, content, message) => {
    expect(await failure(content)).toContain(message);
  });

  it("refuses a column that CoNLL-U does not have", async () => {
    expect(await failure(text, { tagColumn: "upso" })).toContain("Use --tag-column upos.");
    expect(await failure(text, { tagColumn: 11 })).toContain("no column 11");
  });

  it("reads words without tags for prediction", async () => {
    const untagged = `${row("1", "a", "_")}${row("2", "b", "X")}\n${row("1", "c", "X")}`;
    expect(await brief(untagged, { tags: "optional" })).toEqual(["1 a b", "4 c/X"]);
  });
});

describe("readParallel", () => {
  const parallel = (words: string, tags: string) =>
    all(readParallel(sourceFromText("seq.in", words), sourceFromText("seq.out", tags), {}));

  it("reads a sentence a line", async () => {
    expect(await parallel(" fly  to oslo\r\n\r\nnow\n\n", "O O B-to\n\nB-when")).toEqual([
      { line: 1, words: ["fly", "to", "oslo"], tags: ["O", "O", "B-to"] },
      { line: 3, words: ["now"], tags: ["B-when"] },
    ]);
  });

  it.each([
    ["a b\nc\n", "O O\n", "seq.out has no line 2, but seq.in has."],
    ["a b\n", "O O\n\nO\n", "seq.in has no line 3, but seq.out has."],
    ["a b\nc d\n", "O O\nO\n", "seq.in:2: 2 words, but seq.out:2 has 1 tag."],
    ["a\n\nb\n", "O\nO\nO\n", "seq.in:2: 0 words, but seq.out:2 has 1 tag."],
    ["\n", "", "seq.in has no sentences."],
  ])("refuses %j with %j", async (words, tags, message) => {
    await expect(parallel(words, tags)).rejects.toThrow(message);
    await expect(parallel(words, tags)).rejects.toThrow(InputError);
  });
});
