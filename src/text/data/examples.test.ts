/** Whole files to examples: values, lines, and every way in which a row can be wrong. */
import { describe, expect, it } from "vitest";
import { InputError, UsageError } from "../../util/errors.ts";
import {
  type Example,
  examplesFromRows,
  type LabelNeeds,
  type ReadOptions,
  readExamples,
} from "./examples.ts";
import { sniffLayout } from "./sniff.ts";
import { type ByteSource, sourceFromBytes, sourceFromText } from "./source.ts";

type Options = Partial<ReadOptions> & Partial<LabelNeeds>;

function optionsOf({ label = "required", kind = "class", ...options }: Options): ReadOptions {
  return { ...options, needs: { label, kind } };
}

async function all(examples: AsyncIterable<Example>): Promise<Example[]> {
  const found: Example[] = [];
  for await (const example of examples) found.push(example);
  return found;
}

const read = (text: string, options: Options = {}) =>
  all(readExamples(sourceFromText("f.csv", text), optionsOf(options)));
const labels = async (text: string, options: Options = {}) =>
  (await read(text, options)).map((example) => example.label);

describe("readExamples", () => {
  it("reads CSV with quoted commas, quotes and line ends", async () => {
    expect(await read('text,label\r\n"Well, ""no""\r\nnever",neg\r\n\r\nyes,pos')).toEqual([
      { text: 'Well, "no"\nnever', label: "neg", line: 2 },
      { text: "yes", label: "pos", line: 5 },
    ]);
  });

  it("reads tab-separated rows with stray quotes, empty fields and surplus fields", async () => {
    const rows = ['g1\tms\t4.5\tHe said "so.\tSo "he said.', 'g1\t\t0\t"A plane.\tA bird.\tnote\tnote'].join(
      "\n",
    );
    const options = { kind: "number", labelColumn: 3, textColumn: 4, textPairColumn: 5 } as const;
    expect(await read(rows, options)).toEqual([
      { text: 'He said "so.', textPair: 'So "he said.', label: "4.5", line: 1 },
      { text: '"A plane.', textPair: "A bird.", label: "0", line: 2 },
    ]);
  });

  it("reads labels before a space, in Latin-1", async () => {
    const bytes = Uint8Array.from("ENTY:food What is cr\xe8me ?\nHUM:ind Who was it ?", (c) =>
      c.charCodeAt(0),
    );
    const source = sourceFromBytes("f", bytes);
    expect(await all(readExamples(source, optionsOf({ encoding: "iso-8859-1", delimiter: " " })))).toEqual([
      { text: "What is crème ?", label: "ENTY:food", line: 1 },
      { text: "Who was it ?", label: "HUM:ind", line: 2 },
    ]);
  });

  it("reads JSONL with labels of every kind", async () => {
    const rows =
      '{"premise":"a","hypothesis":"b","label":1}\n\n{"label":true,"hypothesis":"d","premise":"c"}\n{"premise":"","hypothesis":"f","label":" x "}';
    expect(await read(rows)).toEqual([
      { text: "a", textPair: "b", label: "1", line: 1 },
      { text: "c", textPair: "d", label: "true", line: 3 },
      { text: "", textPair: "f", label: "x", line: 4 },
    ]);
  });

  it("does not take a key that every object inherits", async () => {
    await expect(
      read('{"text":"a","toString":"x"}\n{"text":"b"}', { labelColumn: "toString" }),
    ).rejects.toThrow('f.csv:2: no label in column "toString".');
  });

  it("joins several text columns", async () => {
    expect((await read("title,body,label\na,b c,x\n", { textColumn: "title,body" }))[0].text).toBe("a b c");
  });

  it("gives the same rows however the bytes come", async () => {
    const bytes = new TextEncoder().encode('\uFEFFtext,label\r\n"é, €\n😀",x\r\nb,y');
    const whole = await all(readExamples(sourceFromBytes("f", bytes), optionsOf({})));
    expect(whole).toHaveLength(2);
    for (const chunkBytes of [1, 2, 3, 7]) {
      expect(await all(readExamples(sourceFromBytes("f", bytes, chunkBytes), optionsOf({})))).toEqual(whole);
    }
  });

  it("needs no labels for prediction, and takes them as they are", async () => {
    expect(await read("text\na\n", { label: "optional" })).toEqual([{ text: "a", line: 2 }]);
    expect(await labels("text,label\na,x\nb,\n", { label: "optional", kind: "number" })).toEqual([
      "x",
      undefined,
    ]);
    expect(
      await labels('{"text":"a","labels":["x","y"]}\n{"text":"b","labels":null}', { label: "optional" }),
    ).toEqual([["x", "y"], undefined]);
  });

  it("streams: a reader that stops early closes the file and has not read it", async () => {
    let chunks = 0;
    let closed = false;
    const source: ByteSource = {
      name: "endless.tsv",
      async *open() {
        try {
          yield new TextEncoder().encode("text\tlabel\n");
          for (;;) {
            chunks++;
            yield new TextEncoder().encode("some words\tx\n".repeat(1000));
          }
        } finally {
          closed = true;
        }
      },
    };
    const layout = await sniffLayout(source, optionsOf({}));
    chunks = 0;
    closed = false;
    let rows = 0;
    for await (const _ of readExamples(source, optionsOf({}), layout)) if (++rows === 1500) break;
    expect([chunks, closed]).toEqual([2, true]);
  });
});

describe("rows with too few or too many fields", () => {
  it("names the stray delimiter", async () => {
    await expect(read("text,label\ngood,pos\nnot good, really,neg\n")).rejects.toThrow(
      "f.csv:3: 3 fields, the header has 2; stray comma at character 9.\nQuote the text or set --delimiter.",
    );
    await expect(read("label\ttext\nx\ta\tb\n")).rejects.toThrow(
      "f.csv:2: 3 fields, the header has 2; stray tab at character 4.\nTake the tab out of the text or set --delimiter.",
    );
  });

  it("forgives empty surplus fields", async () => {
    expect(await labels("text,label\na,x,,\n")).toEqual(["x"]);
  });

  it("names a row that is short", async () => {
    await expect(read("text,label\ngood,pos\nbad\n")).rejects.toThrow(
      "f.csv:3: 1 field, the header has 2.\nIt may be cut off, or a text holds a line end.",
    );
    await expect(read("text\tlabel\tid\nbad\tx\n")).rejects.toThrow(
      `if texts are quoted over several lines, use --quote '"'.`,
    );
    await expect(read("1\ta\tb\n1\tc\n", { textColumn: 3, labelColumn: 1 })).rejects.toThrow(
      "f.csv:2: 2 fields, 3 are needed.",
    );
  });

  it("suspects a quote where the row goes over lines", async () => {
    await expect(read('text,label\n"a,x\nb,"\nc,y\n')).rejects.toThrow(
      "f.csv:2: 1 field, the header has 2; it goes on to line 3.\nIs a quote missing there?",
    );
  });

  it("names the line of a quote that is not closed", async () => {
    await expect(read('text,label\na,x\n"b,y\nc,x\n')).rejects.toThrow(
      "f.csv:3: the quote that opens at character 1 is never closed.",
    );
    expect(await labels('text,label\na,x\n"b,y\nc,x\n', { quote: "none" })).toEqual(["x", "y", "x"]);
  });
});

describe("files without rows", () => {
  it("are errors", async () => {
    await expect(read("")).rejects.toThrow("f.csv is empty.");
    await expect(read("text,label\n\n")).rejects.toThrow("f.csv has a header but no rows.");
    await expect(read("")).rejects.toThrow(InputError);
  });
});

describe("labels", () => {
  it("that are missing are errors with their line", async () => {
    await expect(read("text,label\na,x\nb, \n")).rejects.toThrow(
      'f.csv:3: no label in column "label".\nGive the row a label or leave it out.',
    );
    await expect(read('{"text":"a","label":"x"}\n{"text":"b"}')).rejects.toThrow(
      'f.csv:2: no label in column "label".',
    );
    await expect(read('{"text":"a","label":null}')).rejects.toThrow('f.csv:1: no label in column "label".');
    await expect(read('{"text":"a","label":{"x":1}}')).rejects.toThrow(
      'f.csv:1: the label in "label" is an object.',
    );
  });

  it("that are no finite numbers are errors in regression", async () => {
    expect(await labels("text\tscore\na\t1.5\nb\t-2e-3\nc\t.5\n", { kind: "number" })).toEqual([
      "1.5",
      "-2e-3",
      ".5",
    ]);
    for (const bad of ["good", "NaN", "Infinity", "1e999", "0x10", "1 2"]) {
      await expect(read(`text\tscore\na\t1\nb\t${bad}\n`, { kind: "number" })).rejects.toThrow(
        `f.csv:3: "${bad}" in column "score" is not a finite number.`,
      );
    }
    await expect(read("text\tscore\na\t1,5\n", { kind: "number" })).rejects.toThrow(
      "Write it with a decimal point.",
    );
    await expect(read("text\tscore\na\t\n", { kind: "number" })).rejects.toThrow(
      'no label in column "score"',
    );
  });

  it("are several by a JSON list", async () => {
    const rows = '{"text":"a","labels":["x","y"]}\n{"text":"b","labels":[]}\n{"text":"c","labels":[3]}';
    expect(await labels(rows, { kind: "multi" })).toEqual([["x", "y"], [], ["3"]]);
    expect(await labels(rows, { kind: "auto" })).toEqual([["x", "y"], [], ["3"]]);
    await expect(read(rows, { kind: "class" })).rejects.toThrow(
      "f.csv:1: the label is a list.\nAdd --problem-type multi_label_classification, or give one label a row.",
    );
    await expect(read('{"text":"a","labels":["x",null]}', { kind: "multi" })).rejects.toThrow(
      "f.csv:1: no label",
    );
  });

  it("are several by a separator", async () => {
    const rows = "text\tlabels\na\tx | y|x\nb\t\n";
    expect(await labels(rows, { kind: "multi", labelSeparator: "|" })).toEqual([["x", "y"], []]);
    expect(await labels(rows, { kind: "auto", labelSeparator: "|" })).toEqual([["x", "y"], []]);
    expect(await labels('{"text":"a","label":"x"}\n{"text":"b","label":""}', { kind: "multi" })).toEqual([
      ["x"],
      [],
    ]);
    await expect(read(rows, { kind: "multi" })).rejects.toThrow(
      "f.csv: one column cannot tell several labels apart by itself.\nAdd --label-separator TEXT,",
    );
  });

  it("are several by columns of 0 and 1", async () => {
    const rows = "text,toxic,insult\na,0,1\nb,1.0,True\nc,0,0\n";
    const labelColumn = "toxic,insult";
    expect(await labels(rows, { kind: "multi", labelColumn })).toEqual([["insult"], ["toxic", "insult"], []]);
    expect(await labels('{"text":"a","x":true,"y":0}', { kind: "auto", labelColumn: ["x", "y"] })).toEqual([
      ["x"],
    ]);
    await expect(read(rows, { labelColumn })).rejects.toThrow(
      "--label-column names 2 columns, which means several labels a row.",
    );
    await expect(read(rows, { labelColumn })).rejects.toThrow(UsageError);
    await expect(read("text,a,b\nx,1,maybe\n", { kind: "multi", labelColumn: "a,b" })).rejects.toThrow(
      'f.csv:2: column "b" holds "maybe"; 0 or 1 is needed.',
    );
  });
});

describe("JSONL rows", () => {
  it("that are cut, no objects or of a wrong type are errors with their line", async () => {
    const good = '{"text":"a","label":"x"}\n';
    for (const bad of ['{"text":"b","la', "[1]", "null", '"text"']) {
      await expect(read(good + bad)).rejects.toThrow("f.csv:2: not a JSON object.");
    }
    await expect(read(`${good}{"label":"x"}`)).rejects.toThrow(
      'f.csv:2: "text" is missing; a text is needed.',
    );
    await expect(read(`${good}{"text":5,"label":"x"}`)).rejects.toThrow(
      'f.csv:2: "text" is a number; a text is needed.',
    );
    await expect(read(`${good}{"text":null,"label":"x"}`)).rejects.toThrow('"text" is null');
    await expect(read(`${good}{"text":["b"],"label":"x"}`)).rejects.toThrow('"text" is a list');
  });
});

describe("examplesFromRows", () => {
  const rows = [
    { text: "a", textPair: "b", label: 1 },
    { text: "c", textPair: "d", label: "x" },
  ];

  it("takes arrays and async iterables", async () => {
    async function* stream() {
      yield* rows;
    }
    const expected = [
      { text: "a", textPair: "b", label: "1", line: 1 },
      { text: "c", textPair: "d", label: "x", line: 2 },
    ];
    expect(await all(examplesFromRows(rows, optionsOf({})))).toEqual(expected);
    expect(await all(examplesFromRows(stream(), optionsOf({})))).toEqual(expected);
  });

  it("takes columns by name", async () => {
    const named = [{ subject: "a", queue: "x" }];
    const options = optionsOf({ textColumn: "subject", labelColumn: "queue" });
    expect(await all(examplesFromRows(named, options))).toEqual([{ text: "a", label: "x", line: 1 }]);
    await expect(
      all(examplesFromRows(named, optionsOf({ textColumn: "subjekt", labelColumn: "queue" }), "train")),
    ).rejects.toThrow('train: no column "subjekt". It has "subject", "queue".\nUse --text-column subject.');
  });

  it("names the row that is wrong", async () => {
    await expect(all(examplesFromRows([...rows, { text: 1 }], optionsOf({})))).rejects.toThrow(
      'rows:3: "text" is a number',
    );
    await expect(
      all(examplesFromRows([...rows, { text: "e", textPair: "f" }], optionsOf({}))),
    ).rejects.toThrow('rows:3: no label in column "label"');
    await expect(all(examplesFromRows([], optionsOf({})))).rejects.toThrow("rows is empty.");
  });
});
