/** Spans against seqeval's, and tags from one scheme to another. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { convertTags, type SpanScheme, spansOf, strictSpansOf, type TagSpan, tagsOf } from "./schemes.ts";

interface Recorded {
  scheme: SpanScheme;
  tags: string;
  default: [type: string, start: number, end: number][];
  strict: [type: string, start: number, end: number][];
}

const RECORDED: Recorded[] = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/tags.json", import.meta.url), "utf8"),
);
const SCHEMES: SpanScheme[] = ["IOB1", "IOB2", "IOBES", "BILOU"];

const split = (tags: string) => tags.split(" ");
const triples = (spans: TagSpan[]) => spans.map(({ type, start, end }) => [type, start, end]);

describe.each(SCHEMES)("%s against seqeval", (scheme) => {
  const cases = RECORDED.filter((recorded) => recorded.scheme === scheme);

  it("has the spans of the default mode", () => {
    expect(cases.length).toBeGreaterThan(20);
    for (const { tags, default: spans } of cases) expect(triples(spansOf(split(tags))), tags).toEqual(spans);
  });

  it("has the spans of the strict mode", () => {
    for (const { tags, strict } of cases)
      expect(triples(strictSpansOf(split(tags), scheme)), tags).toEqual(strict);
  });
});

describe("spansOf", () => {
  it("reads an I that continues nothing as a start", () => {
    expect(triples(spansOf(split("O I-PER I-LOC B-LOC I-LOC"), "IOB2"))).toEqual([
      ["PER", 1, 2],
      ["LOC", 2, 3],
      ["LOC", 3, 5],
    ]);
  });

  it("takes all after the first dash as the type", () => {
    expect(triples(spansOf(["B-creative-work", "I-creative-work", "B-"]))).toEqual([
      ["creative-work", 0, 2],
      ["_", 2, 3],
    ]);
  });

  it("knows BILOU's letters only under a scheme", () => {
    const tags = split("U-PER U-PER L-PER");
    expect(triples(spansOf(tags, "BILOU"))).toEqual([
      ["PER", 0, 1],
      ["PER", 1, 2],
      ["PER", 2, 3],
    ]);
    expect(triples(spansOf(tags))).toEqual([["PER", 0, 3]]);
  });

  it("finds no spans in tags that mark none", () => {
    expect(spansOf(["NOUN", "B-PER"], "none")).toEqual([]);
    expect(triples(spansOf(["NOUN", "B-PER", "BALL"], "IOB2"))).toEqual([["PER", 1, 2]]);
  });
});

describe("strictSpansOf", () => {
  it("takes tags that the scheme does not have as O", () => {
    expect(triples(strictSpansOf(split("B-PER X I-PER B-LOC E-LOC"), "IOB2"))).toEqual([
      ["PER", 0, 1],
      ["LOC", 3, 4],
    ]);
    expect(strictSpansOf(["B-PER"], "none")).toEqual([]);
  });
});

describe("convertTags", () => {
  const same: Record<SpanScheme, string> = {
    IOB1: "I-PER I-PER B-PER I-LOC O I-LOC I",
    IOB2: "B-PER I-PER B-PER B-LOC O B-LOC B",
    IOBES: "B-PER E-PER S-PER S-LOC O S-LOC S",
    BILOU: "B-PER L-PER U-PER U-LOC O U-LOC U",
  };

  it.each(SCHEMES)("from %s to each of the others", (from) => {
    for (const to of SCHEMES) expect(convertTags(split(same[from]), from, to).join(" ")).toBe(same[to]);
  });

  it("gives long spans their middle", () => {
    const tags = split("O I-X I-X I-X I-X");
    expect(convertTags(tags, "IOB1", "IOBES").join(" ")).toBe("O B-X I-X I-X E-X");
    expect(convertTags(tags, "IOB1", "BILOU").join(" ")).toBe("O B-X I-X I-X L-X");
  });

  it("mends mistakes, within one scheme too", () => {
    expect(convertTags(split("O I-PER I-LOC NN"), "IOB2", "IOB2").join(" ")).toBe("O B-PER B-LOC O");
    expect(convertTags(split("B-PER O E-LOC"), "IOBES", "IOBES").join(" ")).toBe("S-PER O S-LOC");
  });

  it("leaves tags of no scheme alone", () => {
    expect(convertTags(["NOUN", "I-X"], "none", "IOB2")).toEqual(["NOUN", "I-X"]);
    expect(convertTags(["O", "I-X"], "IOB1", "none")).toEqual(["O", "I-X"]);
  });
});

describe("tagsOf", () => {
  it.each([
    [{ type: "X", start: 0, end: 3 }],
    [{ type: "X", start: 1, end: 1 }],
    [
      { type: "X", start: 0, end: 2 },
      { type: "Y", start: 1, end: 2 },
    ],
  ])("refuses spans that two words cannot have, %j %j", (...spans) => {
    expect(() => tagsOf(spans, 2, "IOB2")).toThrow("internal: span");
  });
});
