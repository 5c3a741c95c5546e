/** JSONL and rows in memory: words with tags, texts with spans. */
import { describe, expect, it } from "vitest";
import { InputError } from "../../../util/errors.ts";
import { sourceFromText } from "../source.ts";
import { readTagged, type TaggedExample, type TaggingReadOptions, taggedFromRows } from "./tagging.ts";

type Options = Partial<TaggingReadOptions> & { tags?: "required" | "optional" };

async function all(examples: AsyncIterable<TaggedExample>): Promise<TaggedExample[]> {
  const found: TaggedExample[] = [];
  for await (const example of examples) found.push(example);
  return found;
}

const settings = ({ tags = "required", ...options }: Options = {}): TaggingReadOptions => ({
  ...options,
  needs: { tags },
});
const readText = (text: string, options?: Options) =>
  all(readTagged(sourceFromText("f.jsonl", text), settings(options)));
const read = (rows: object[], options?: Options) =>
  readText(rows.map((row) => JSON.stringify(row)).join("\n"), options);
const failure = (rows: object[], options?: Options) =>
  read(rows, options).then(
    () => "no error",
    (error: unknown) => (error instanceof InputError ? error.message : `not an InputError: ${error}`),
  );

const words = ["Mia", "ran"];

describe("rows of words", () => {
  it.each([
    [{ tokens: words, tags: ["B-PER", "O"] }, {}],
    [{ id: "7", tokens: words, pos_tags: [1, 2], ner_tags: ["B-PER", "O"] }, {}],
    [{ words, labels: [" B-PER", "O "] }, {}],
    [{ Words: words, upos: ["B-PER", "O"], text: "Mia ran" }, {}],
    [{ a: ["x", "y"], tokens: words, tags: ["O", "O"], b: ["B-PER", "O"] }, { tagColumn: "b" }],
    [{ a: words, tokens: ["x", "y"], tags: ["B-PER", "O"] }, { textColumn: "a" }],
    [{ tokens: words, ner_tags: [1, 0] }, { tagNames: ["O", "B-PER"] }],
  ])("reads %j with %j", async (row, options) => {
    expect(await read([row], options)).toEqual([{ line: 1, words, tags: ["B-PER", "O"] }]);
  });

  it("names numbered tags by their digits", async () => {
    expect(await read([{ tokens: words, ner_tags: [12, 0] }])).toEqual([
      { line: 1, words, tags: ["12", "0"] },
    ]);
  });

  it.each([
    ["other numbers of words and tags", { tokens: words, tags: ["O"] }, "2 words, but 1 tag"],
    ["no tags", { tokens: words }, '"tags" is missing, not a list of tags'],
    ["tags that are null", { tokens: words, tags: null }, '"tags" is null, not a list of tags'],
    ["a null tag", { tokens: words, tags: ["O", null] }, 'tag 2 of "tags" is null'],
    ["a fraction", { tokens: words, tags: ["O", 0.5] }, 'tag 2 of "tags" is 0.5'],
    ["an empty tag", { tokens: words, tags: ["O", " "] }, 'tag 2 of "tags" is empty'],
    ["words in one string", { tokens: "Mia ran", tags: ["O"] }, '"tokens" is "Mia ran", not a list'],
    ["a word that is a number", { tokens: ["in", 1984], tags: ["O", "O"] }, 'word 2 of "tokens" is 1984'],
    ["an empty sentence", { tokens: [], tags: [] }, "an empty sentence"],
  ])("refuses %s", async (_, row, message) => {
    const first = { tokens: ["a"], tags: ["O"] };
    expect(await failure([first, row])).toContain(`f.jsonl:2: ${message}`);
  });

  it("refuses a number without a name", async () => {
    const message = await failure([{ tokens: words, ner_tags: [2, 0] }], { tagNames: ["O", "B-PER"] });
    expect(message).toContain('f.jsonl:1: tag 1 of "ner_tags" is 2, but tags have the numbers 0 to 1.');
  });

  it("lets tags miss for prediction", async () => {
    const rows = [{ tokens: words, tags: ["O"] }, { tokens: [] }, { tokens: words, tags: ["O", "O"] }];
    expect(await read(rows, { tags: "optional" })).toEqual([
      { line: 1, words },
      { line: 2, words: [] },
      { line: 3, words, tags: ["O", "O"] },
    ]);
  });

  it.each([
    [
      "no known key",
      [{ x: words, y: ["O", "O"] }],
      'cannot tell words and tags, or text and spans, among "x", "y"',
    ],
    ["no tags at all", [{ tokens: words }], 'cannot tell the tags among "tokens"'],
    ["an unknown column", [{ tokens: words, tag: [] }], "no column"],
  ])("refuses %s", async (_, rows, message) => {
    const options = message === "no column" ? { tagColumn: "tgas" } : {};
    expect(await failure(rows, options)).toContain(message);
  });
});

describe("rows of text", () => {
  const text = "🙂 Zoë ran"; // Zoë: code points 2 to 5, UTF-16 units 3 to 6
  const expected = [{ line: 1, text, entities: [{ start: 3, end: 6, label: "PER" }] }];

  it.each([
    [{ text, entities: [{ start: 2, end: 5, label: "PER" }] }],
    [{ text, entities: [[2, 5, " PER "]] }],
    [{ id: 4, text, label: [[2, 5, "PER"]] }],
    [{ text, tokens: [{ text: "Zoë" }], spans: [{ start: 2, end: 5, type: "PER", id: 1 }] }],
    [{ sentence: text, ents: [{ start_offset: 2, end_offset: 5, label: "PER" }] }],
  ])("reads %j in code points", async (row) => {
    const example = (await read([row]))[0];
    expect([example]).toEqual(expected);
    const { start, end } = example.entities![0];
    expect(text.slice(start, end)).toBe("Zoë");
  });

  it("sorts spans, and lets them touch", async () => {
    const [{ entities }] = await read([
      {
        text: "abcd",
        entities: [
          [2, 4, "Y"],
          [0, 2, "X"],
        ],
      },
    ]);
    expect(entities?.map(({ label }) => label)).toEqual(["X", "Y"]);
    expect(await read([{ text: "abcd", entities: [] }])).toEqual([{ line: 1, text: "abcd", entities: [] }]);
  });

  it.each([
    ["a span past the end", [[6, 10, "X"]], 'span 6-10 "X" lies outside the text of 9 characters'],
    ["a span before the start", [[-1, 2, "X"]], 'span -1-2 "X" lies outside'],
    ["an empty span", [[3, 3, "X"]], 'span 3-3 "X" is empty'],
    ["a span that ends before it starts", [[3, 2, "X"]], 'span 3-2 "X" is empty'],
    [
      "spans that overlap",
      [
        [2, 5, "X"],
        [0, 3, "Y"],
      ],
      'spans 0-3 "Y" and 2-5 "X" overlap',
    ],
    [
      "one span twice",
      [
        [2, 5, "X"],
        [2, 5, "X"],
      ],
      'spans 2-5 "X" and 2-5 "X" overlap',
    ],
    ["a fraction", [[0, 1.5, "X"]], "span 1 is neither {start, end, label} nor"],
    ["no end", [{ start: 0, label: "X" }], "span 1 is neither"],
    [
      "no label",
      [
        [0, 1, "X"],
        [1, 2],
      ],
      "span 2 is neither",
    ],
    ["an empty label", [[0, 1, ""]], "span 1 has no label"],
    ["a word for a span", ["Zoë"], "span 1 is neither"],
    ["no list", "PER", '"entities" is "PER", not a list of spans'],
    ["null", null, '"entities" is null, not a list of spans'],
  ])("refuses %s", async (_, entities, message) => {
    const first = { text, entities: [] };
    expect(await failure([first, { text, entities }])).toContain(`f.jsonl:2: ${message}`);
    expect(await read([first, { text, entities }], { tags: "optional" })).toEqual([
      { line: 1, text, entities: [] },
      { line: 2, text },
    ]);
  });

  it("refuses texts that are none", async () => {
    const rows = (second: unknown) => [
      { text, entities: [] },
      { text: second, entities: [] },
    ];
    expect(await failure(rows(5))).toContain('f.jsonl:2: "text" is 5, not a text.');
    expect(await failure(rows(" "))).toContain("f.jsonl:2: an empty sentence.");
    expect((await read(rows(" "), { tags: "optional" }))[1]).toEqual({ line: 2, text: " ", entities: [] });
  });

  it("reads texts without spans for prediction only", async () => {
    expect(await read([{ text }], { tags: "optional" })).toEqual([{ line: 1, text }]);
    expect(await failure([{ text }])).toContain('cannot tell the tags among "text"');
  });
});

describe("JSONL", () => {
  it("skips blank lines and counts them", async () => {
    const lines = '\ufeff{"tokens": ["a"], "tags": ["O"]}\r\n\r\n{"tokens": ["b"], "tags": ["O"]}';
    expect((await readText(lines)).map(({ line }) => line)).toEqual([1, 3]);
  });

  it.each([
    [
      "a line that is cut",
      '{"tokens": ["a"], "tags": ["O"]}\n{"tokens": ["b"',
      "f.jsonl:2: not a JSON object.",
    ],
    ["a file that is one line, cut", '{"tokens": ["a", "b', "f.jsonl:1: not a JSON object."],
    ["a line of text", '{"tokens": ["a"], "tags": ["O"]}\nb O\n', "f.jsonl:2: not a JSON object."],
    ["an array", '[{"tokens": ["a"], "tags": ["O"]}]', "f.jsonl is one JSON array"],
  ])("refuses %s", async (_, text, message) => {
    await expect(readText(text)).rejects.toThrow(message);
    await expect(readText(text)).rejects.toThrow(InputError);
  });
});

describe("taggedFromRows", () => {
  const rows = [{ text: "🙂 Zoë", entities: [[3, 6, "PER"]] }];

  it("counts UTF-16 units, or code points where it is told", async () => {
    const [inMemory] = await all(taggedFromRows(rows, settings()));
    const points = [{ text: "🙂 Zoë", entities: [[2, 5, "PER"]] }];
    const [ofFile] = await all(taggedFromRows(points, settings({ offsets: "code_points" })));
    expect(inMemory).toEqual({ line: 1, text: "🙂 Zoë", entities: [{ start: 3, end: 6, label: "PER" }] });
    expect(ofFile).toEqual(inMemory);
  });

  it("reads typed arrays and numbers the rows", async () => {
    const parquet = [
      { tokens: words, ner_tags: Int32Array.of(1, 0) },
      { tokens: ["a"], ner_tags: [0] },
    ];
    expect(await all(taggedFromRows(parquet, settings({ tagNames: ["O", "B-PER"] })))).toEqual([
      { line: 1, words, tags: ["B-PER", "O"] },
      { line: 2, words: ["a"], tags: ["O"] },
    ]);
  });

  it("names the rows in messages", async () => {
    const bad = [...rows, { text: "a", entities: [[0, 2, "X"]] }];
    await expect(all(taggedFromRows(bad, settings(), "train"))).rejects.toThrow(
      'train:2: span 0-2 "X" lies outside',
    );
    await expect(all(taggedFromRows([], settings()))).rejects.toThrow("rows is empty.");
    const noObjects = ["Mia"] as unknown as object[];
    await expect(all(taggedFromRows(noObjects, settings()))).rejects.toThrow("rows:1: a row is an object");
  });
});
