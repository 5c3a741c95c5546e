import { describe, expect, it } from "vitest";
import { BertNormalizer, IN_WORD, ISOLATED, type NormalizerOptions, SPACE } from "./normalizer.ts";

const uncased: NormalizerOptions = {
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: null,
  lowercase: true,
};
const normalizer = new BertNormalizer(uncased);

/** Normal form, and what each unit of it came from. */
function aligned(text: string, options = uncased): [string, string[]] {
  const result = new BertNormalizer(options).normalizeText(text);
  return [
    result.text,
    Array.from({ length: result.text.length }, (_, i) => text.slice(result.startOf(i), result.endOf(i))),
  ];
}

describe("classes of characters", () => {
  it.each([
    ["a letter", "é", IN_WORD],
    ["a mark, which goes", "\u0301", IN_WORD],
    ["a control character, which goes", "\u0007", IN_WORD],
    ["half a surrogate pair", "\ud800", IN_WORD],
    ["a mark that is younger than the tables", "\u1ac7", IN_WORD],
    ["a punctuation mark that is younger than the tables", "\u2e52", IN_WORD],
    ["a tab", "\t", SPACE],
    ["a no-break space", "\u00a0", SPACE],
    ["an ASCII symbol", "$", ISOLATED],
    ["a symbol that becomes punctuation", "≠", ISOLATED],
    ["another symbol", "€", IN_WORD],
    ["an ideograph", "日", ISOLATED],
    ["an ideograph in the gap of the reference", "\u{2b820}", IN_WORD],
    ["a syllable", "\ud55c", IN_WORD],
  ])("%s", (_, char, kind) => expect(normalizer.classOf(char.codePointAt(0) as number)).toBe(kind));

  it("a vertical tab and U+0085 go when text is cleaned, and separate words when not", () => {
    const raw = new BertNormalizer({ ...uncased, clean_text: false });
    expect([normalizer.classOf(0x0b), normalizer.classOf(0x85)]).toEqual([IN_WORD, IN_WORD]);
    expect([raw.classOf(0x0b), raw.classOf(0x85)]).toEqual([SPACE, SPACE]);
  });
});

describe("normal form and where it came from", () => {
  it.each([
    ["lower case and accents", "ÀB", "ab", ["À", "B"]],
    ["a decomposed accent belongs to no letter", "e\u0301x", "ex", ["e", "x"]],
    ["removed characters leave no trace", "a\u200bb", "ab", ["a", "b"]],
    ["a syllable in parts", "\ud55c", "\u1112\u1161\u11ab", ["\ud55c", "\ud55c", "\ud55c"]],
    ["an ideograph between spaces", "a日", "a 日 ", ["a", "日", "日", "日"]],
    ["an emoji in two units", "😀!", "😀!", ["😀", "😀", "!"]],
    ["capital sigma, never final", "\u0391\u03a3", "\u03b1\u03c3", ["\u0391", "\u03a3"]],
    ["a dotted capital i", "İ", "i", ["İ"]],
    // The tone mark (class 224, kept) goes before the accent (230, stripped) and so takes its place.
    ["marks that change places", "a\u0301\u302eb", "a\u302eb", ["a", "\u0301", "b"]],
    ["a mark that a decomposition brings along", "\u{1d15e}\u302e", "\u{1d157}\u{1d165}\u302e", undefined],
  ])("%s", (_, text, form, sources) => {
    const [normal, from] = aligned(text);
    expect(normal).toBe(form);
    if (sources) expect(from).toEqual(sources);
  });

  it("without stripping, lower case may lengthen", () => {
    expect(aligned("İa", { ...uncased, strip_accents: false })).toEqual(["i\u0307a", ["İ", "İ", "a"]]);
  });

  it("takes long runs of marks without taking their square in time", () => {
    const marks = "\u0301\u0327\u302e".repeat(100_000);
    expect(normalizer.normalizeWord(`a${marks}`).text).toBe(`a${"\u302e".repeat(100_000)}`);
  });
});
