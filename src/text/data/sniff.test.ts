/** Layouts told by content, on made-up rows with the traps of well-known files. */
import { describe, expect, it } from "vitest";
import { UsageError } from "../../util/errors.ts";
import type { ReadOptions } from "./example.ts";
import { describeLayout } from "./layout.ts";
import { sniffLayout } from "./sniff.ts";
import { sourceFromText } from "./source.ts";

type Options = Partial<ReadOptions> & {
  kind?: ReadOptions["needs"]["kind"];
  label?: "required" | "optional";
};

function sniff(text: string, { kind = "class", label = "required", ...options }: Options = {}) {
  return sniffLayout(sourceFromText("f.txt", text), { ...options, needs: { kind, label } });
}

async function described(text: string, options: Options = {}): Promise<string> {
  return describeLayout("f", await sniff(text, options));
}

describe("delimiter", () => {
  it.each([
    ["\t", "text\tlabel\nyes, and no; or\tpos\n"],
    [",", "text,label\nsome\ttab,pos\n"],
    [";", "text;label_name\ni feel fine, really, so;joy\n"],
    ["|", "text|label\na, b|pos\n"],
  ])("%j by known names", async (delimiter, text) => {
    expect((await sniff(text)).delimiter).toBe(delimiter);
  });

  it("is known by names even where a later row has too many fields", async () => {
    expect((await sniff("text,label\ngood,pos\nbad, really, bad,neg\n")).delimiter).toBe(",");
  });

  it("is what the rows agree on where no names are known", async () => {
    const rows = ["x1;well, yes;0", "x2;no;1", "x3;oh, never, no;0"].join("\n");
    expect((await sniff(rows, { textColumn: 2, labelColumn: 3 })).delimiter).toBe(";");
  });

  it("is by content, not by the name of the file", async () => {
    const rows = "a\tb\tA man, a plan.\tA canal.\nc\td\tOne.\tTwo.\n";
    const layout = await sniffLayout(sourceFromText("dev.csv", rows), {
      textColumn: 3,
      labelColumn: 1,
      needs: { label: "required", kind: "class" },
    });
    expect(layout.delimiter).toBe("\t");
  });

  it("can be forced", async () => {
    expect(
      (await sniff("a,b\tc\n", { delimiter: "comma", header: false, textColumn: 1, labelColumn: 2 }))
        .delimiter,
    ).toBe(",");
    expect((await sniff("text^label\nx^y\n", { delimiter: "^" })).delimiter).toBe("^");
    await expect(sniff("a", { delimiter: "ab" })).rejects.toThrow(
      '--delimiter "ab": give tab, comma or one character.',
    );
    await expect(sniff("a", { quote: "''" })).rejects.toThrow(UsageError);
    await expect(sniff("a", { quote: ",", delimiter: "comma" })).rejects.toThrow("are the same character");
    await expect(sniff("a", { labelSeparator: "" })).rejects.toThrow("--label-separator is empty");
  });
});

describe("one text a line", () => {
  const prose = "I came, I saw.\nIt rained.\nShe left, and he, too, left.\n";

  it("is read for prediction", async () => {
    expect(await described(prose, { label: "optional" })).toBe(
      "f: one text a line, no header; text column 1, no label (told by content)",
    );
    expect(await described("text\nWell, no.\nYes\n", { label: "optional" })).toBe(
      'f: one text a line, header; text "text", no label',
    );
  });

  it("is read where all texts are quoted", async () => {
    expect(await described('text\n"Well, no."\n"Yes"\n', { label: "optional" })).toBe(
      'f: comma-separated, header, fields may be quoted with "; text "text", no label',
    );
  });

  it("is refused for training, with the option that helps", async () => {
    await expect(sniff(prose)).rejects.toThrow(
      'f.txt: one column, but a text and a label are needed.\nName what separates them with --delimiter; in "LABEL and then the text" it is --delimiter " ".',
    );
  });

  it("takes the rest of the line after a label and a space", async () => {
    const layout = await sniff("HUM:ind Who wrote it ?\nLOC:city Where is that ?\n", { delimiter: " " });
    expect(layout).toMatchObject({
      delimiter: " ",
      maxFields: 2,
      header: false,
      roles: { text: [1], labels: [0] },
    });
    expect(
      (await sniff("x LOC Where is that ?\n", { delimiter: "space", textColumn: 3, labelColumn: 2 }))
        .maxFields,
    ).toBe(3);
  });
});

describe("quotes", () => {
  const quoteOf = async (text: string, options?: Options) => (await sniff(text, options)).quote;

  it("are RFC 4180 for commas and semicolons, even where one is broken", async () => {
    expect(await quoteOf('text,label\n"a, b",x\n')).toBe('"');
    expect(await quoteOf('text;label\n"a, b";x\n')).toBe('"');
    expect(await quoteOf('text,label\n"a b,x\nc,y\n')).toBe('"');
  });

  it("are ordinary characters in tab-separated files", async () => {
    expect(await quoteOf('text\tlabel\n"Yes" he said\tx\nso "no"\ty\n')).toBeUndefined();
    // A stray quote that the next one happens to close.
    expect(await quoteOf('text\tlabel\n"Yes he said\tx\nso\ty\nno"\tx\n')).toBeUndefined();
    expect(await quoteOf('text\tlabel\n"Yes."\tx\nno\ty\nso\ty\n')).toBeUndefined();
  });

  it("count in tab-separated files where the rows prove it", async () => {
    expect(await quoteOf('text\tlabel\n"one\ntwo"\tx\nno\ty\n')).toBe('"');
    expect(await quoteOf('text\tlabel\n"tab\there"\tx\nno\ty\n')).toBe('"');
    expect(await quoteOf('text\tlabel\n"He said ""no""."\tx\nno\ty\nso\ty\n')).toBe('"');
    expect(await quoteOf('"text"\t"label"\n"yes"\t"x"\n"no"\t"y"\n')).toBe('"');
  });

  it("can be forced", async () => {
    expect(await quoteOf('text,label\n"a",x\n', { quote: "none" })).toBeUndefined();
    expect(await quoteOf("text\tlabel\n'a'\tx\n", { quote: "'" })).toBe("'");
  });
});

describe("header", () => {
  it("is told by its names, with byte order mark and spaces around them", async () => {
    const layout = await sniff("\uFEFF text \t label\r\nyes\tx\r\n");
    expect(layout).toMatchObject({ header: true, columns: ["text", "label"] });
  });

  it("is there where a column is named, and must have that name", async () => {
    expect((await sniff("foo\tbar\nyes\tx\n", { textColumn: "foo", labelColumn: "bar" })).header).toBe(true);
    await expect(sniff("yes\tx\nno\ty\n", { textColumn: "text", labelColumn: "label" })).rejects.toThrow(
      'no column "text". It has "yes", "x".',
    );
    await expect(sniff("yes\tx\n", { textColumn: "text", header: false })).rejects.toThrow(
      "f.txt: without a header columns have no names.",
    );
  });

  it("is told by content where columns are numbers", async () => {
    const options = { textColumn: 1, labelColumn: 2 };
    expect((await sniff("foo\tbar\nyes\t1\nno\t0\n", options)).header).toBe(true);
    expect((await sniff("so be it\t1\nyes\t1\nno\t0\n", options)).header).toBe(false);
    const rows = Array.from({ length: 12 }, (_, i) => `some words ${i}\t${i % 2 ? "up" : "down"}`);
    expect((await sniff(["foo\tbar", ...rows].join("\n"), options)).header).toBe(true);
    expect((await sniff(["word\tup", ...rows].join("\n"), options)).header).toBe(false);
  });

  it("is what the option says", async () => {
    expect(
      (await sniff("text\tlabel\nyes\tx\n", { header: false, textColumn: 1, labelColumn: 2 })).header,
    ).toBe(false);
    expect((await sniff("so\t1\nyes\t1\n", { header: true, textColumn: 1, labelColumn: 2 })).header).toBe(
      true,
    );
  });

  it("of unknown names is an error that lists them", async () => {
    await expect(sniff("foo\tbar\nyes\t1\nno\t0\n")).rejects.toThrow(
      'cannot tell the text and label columns among "foo", "bar".',
    );
  });
});

describe("no header", () => {
  it("tells two columns by their content, either way round", async () => {
    const rows = ["a long and moving film", "no good at all", "she wo n't like it", "fine work"];
    const there = rows.map((text, i) => `${text}\t${i % 2}`).join("\n");
    const back = rows.map((text, i) => `${i % 2}\t${text}`).join("\n");
    expect((await sniff(there)).roles).toEqual({ text: [0], labels: [1] });
    expect((await sniff(back)).roles).toEqual({ text: [1], labels: [0] });
    expect(await described(back)).toBe(
      "f: tab-separated, no header, quotes are ordinary characters; text column 2, label column 1 (told by content)",
    );
  });

  it("does not take row numbers or a second text for labels", async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `A text with the number ${i} in it`);
    await expect(sniff(texts.map((text, i) => `${i}\t${text}`).join("\n"))).rejects.toThrow(
      "which of 2 columns to read cannot be told",
    );
    await expect(sniff(texts.map((text) => `${text}\t${text}`).join("\n"))).rejects.toThrow("cannot be told");
  });

  it("takes scores that hardly repeat for regression", async () => {
    const rows = Array.from(
      { length: 20 },
      (_, i) => `A text with the number ${i} in it\t${(i / 7).toFixed(3)}`,
    ).join("\n");
    expect((await sniff(rows, { kind: "number" })).roles.labels).toEqual([1]);
    await expect(sniff(rows, { kind: "class" })).rejects.toThrow("cannot be told");
  });

  it("shows the first row of more columns and asks for numbers", async () => {
    await expect(sniff("ab01\t1\t\tI should study.\nab01\t0\t*\tI should studying.\n")).rejects.toThrow(
      'f.txt: no header, and which of 4 columns to read cannot be told. The first row: "ab01", "1", "", "I should study.".\nNumber them from 1: --text-column N [--text-pair-column N] --label-column N.',
    );
  });

  it("of two columns takes the other one where one is named", async () => {
    expect((await sniff("x y\tz w\nv u\tt s\n", { labelColumn: 1 })).roles).toMatchObject({
      text: [1],
      labels: [0],
    });
    expect((await sniff("x y\tz w\nv u\tt s\n", { textColumn: "2" })).roles).toMatchObject({
      text: [1],
      labels: [0],
    });
    expect((await sniff("x y\tz w\n", { textColumn: 1, label: "optional" })).roles.labels).toEqual([]);
  });
});

describe("JSONL", () => {
  it("is told by its first object; keys of all objects are columns", async () => {
    const layout = await sniff('\n{"id": 1, "text": "a"}\n{"text": "b", "label": "x"}\n');
    expect(layout).toMatchObject({
      format: "jsonl",
      columns: ["id", "text", "label"],
      roles: { text: [1], labels: [2] },
    });
    expect(describeLayout("f.jsonl", layout)).toBe('f.jsonl: JSONL; text "text", label "label"');
  });

  it("that is cut or is one big object is an error with its line", async () => {
    await expect(sniff('\n{"text": "a", "lab')).rejects.toThrow("f.txt:2: not a JSON object.");
    await expect(sniff('{\n  "data": []\n}\n')).rejects.toThrow("f.txt:1: not a JSON object.");
  });

  it("is not a JSON array", async () => {
    await expect(sniff('[{"text": "a"}]')).rejects.toThrow(
      "f.txt is one JSON array; JSONL is read, one object a line.",
    );
    await expect(sniff("[\n{}\n]")).rejects.toThrow("one JSON array");
    expect((await sniff("text\tlabel\n{smile}\tx\n")).format).toBe("delimited");
  });
});

it("an empty file, and one of blank lines, is an error", async () => {
  for (const text of ["", "\n\n", " \n", "\uFEFF"])
    await expect(sniff(text)).rejects.toThrow("f.txt is empty.");
  await expect(sniff(",,,\n", { delimiter: "comma" })).rejects.toThrow("f.txt has only blank rows.");
});
