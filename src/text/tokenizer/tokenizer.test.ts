import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../util/errors.ts";
import { BertNormalizer } from "./normalizer.ts";
import { createTokenizer, type Encoding, type Tokenizer } from "./tokenizer.ts";

const VOCABS = join(import.meta.dirname, "../../../test/fixtures/vocab");
const uncased = createTokenizer({ vocab: readFileSync(join(VOCABS, "uncased-vocab.txt"), "utf8") });
const cased = createTokenizer({ vocab: readFileSync(join(VOCABS, "cased-vocab.txt"), "utf8") });

const QUESTION = "Who lit the lamp?";
const PASSAGE = "Ōmura lit it twice 😀, once before the café opened; nobody else had matches. ".repeat(6);

const tokensOf = (tokenizer: Tokenizer, { inputIds }: { inputIds: Int32Array }) =>
  Array.from(inputIds, (id) => tokenizer.decodeToken(id)).join(" ");

/** What each token's offsets cut out of its text; null for special tokens. */
function surfaces({ offsets, sequenceIds }: Encoding, texts: readonly string[]): (string | null)[] {
  return Array.from(sequenceIds, (sequence, i) =>
    sequence < 0 ? null : texts[sequence].slice(offsets[2 * i], offsets[2 * i + 1]),
  );
}

/** Repeatable random texts of letters, spaces, marks, controls, punctuation, ideographs and emoji. */
function randomTexts(count: number): string[] {
  let state = 12345;
  const random = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const starts = [0x20, 0x20, 0x41, 0x61, 0xc0, 0x300, 0x3a9, 0x5d0, 0x200b, 0x2010, 0x4e00, 0xac00, 0x1f600];
  return Array.from({ length: count }, () =>
    Array.from({ length: random(30) }, () => {
      const start = starts[random(starts.length)];
      return String.fromCodePoint(start + (start === 0x20 ? 0 : random(26)));
    }).join(""),
  );
}

describe("encode", () => {
  it("gives ids, types, offsets, words and sequences of a pair", () => {
    const encoding = uncased.encode("A café!", "Unaffable?");
    expect(tokensOf(uncased, encoding)).toBe("[CLS] a cafe ! [SEP] una ##ffa ##ble ? [SEP]");
    expect([...encoding.tokenTypeIds]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect([...encoding.wordIds]).toEqual([-1, 0, 1, 2, -1, 0, 0, 0, 1, -1]);
    expect([...encoding.sequenceIds]).toEqual([-1, 0, 0, 0, -1, 1, 1, 1, 1, -1]);
    const parts = [null, "A", "café", "!", null, "Una", "ffa", "ble", "?", null];
    expect(surfaces(encoding, ["A café!", "Unaffable?"])).toEqual(parts);
    expect([...encoding.offsets.slice(0, 2)]).toEqual([-1, -1]);
  });

  it("counts UTF-16 units after an emoji, as slice does", () => {
    expect(surfaces(uncased.encode("😀😀 ok"), ["😀😀 ok"])).toEqual([null, "😀😀", "ok", null]);
  });

  it("numbers pre-split words by the list, and offsets within each", () => {
    const words = ["Re-wired", "\u200b", "", "lamps"];
    const encoding = cased.encode(words);
    expect(tokensOf(cased, encoding)).toBe("[CLS] Re - wired lamps [SEP]");
    expect([...encoding.wordIds]).toEqual([-1, 0, 0, 0, 3, -1]);
    expect([...encoding.offsets.slice(2, -2)]).toEqual([0, 2, 2, 3, 3, 8, 0, 5]);
  });

  it("takes an empty pair for none, a blank one for an empty sequence", () => {
    expect(tokensOf(uncased, uncased.encode("a", ""))).toBe("[CLS] a [SEP]");
    expect(tokensOf(uncased, uncased.encode(["a"], []))).toBe("[CLS] a [SEP]");
    expect(tokensOf(uncased, uncased.encode("a", "  "))).toBe("[CLS] a [SEP] [SEP]");
  });

  it("leaves out half a surrogate pair", () => {
    expect(tokensOf(uncased, uncased.encode("la\ud83dmp \udc00"))).toBe("[CLS] lamp [SEP]");
  });

  it("gives the same for a text after texts that fill the memory of words", () => {
    const before = uncased.encode(PASSAGE);
    const many = Array.from({ length: 70_000 }, (_, i) => `w${i.toString(36)}`).join(" ");
    expect(uncased.encodeIds(many).inputIds.length).toBeGreaterThan(140_000);
    expect(uncased.encode(PASSAGE)).toEqual(before);
  });

  it.each([uncased, cased])("offsets cut out what each token was made of (random texts)", (tokenizer) => {
    const { lowercase } = tokenizer;
    const options = { clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase };
    const normalizer = new BertNormalizer(options);
    for (const text of randomTexts(500)) {
      const encoding = tokenizer.encode(text);
      for (const [i, surface] of surfaces(encoding, [text]).entries()) {
        if (surface === null || encoding.inputIds[i] === tokenizer.unkId) continue;
        const piece = tokenizer.decodeToken(encoding.inputIds[i]).replace(/^##/, "");
        expect(normalizer.normalizeWord(surface).text).toContain(piece);
      }
    }
  });

  it("finds every unit that is no space and not removed under a token (random texts)", () => {
    for (const text of randomTexts(500)) {
      const { offsets } = cased.encode(text);
      const covered = new Set<number>();
      for (let i = 0; i < offsets.length; i += 2)
        for (let p = offsets[i]; p < offsets[i + 1]; p++) covered.add(p);
      for (let p = 0; p < text.length; p++) {
        expect(covered.has(p) || /[\s\u200b-\u200f\u202a-\u202e]/.test(text[p]), JSON.stringify(text)).toBe(
          true,
        );
      }
    }
  });
});

describe("encodeIds", () => {
  it.each([
    [QUESTION, undefined, {}],
    [QUESTION, PASSAGE, { maxLength: 32 }],
    [PASSAGE, QUESTION, { maxLength: 33, truncation: "only_first" }],
    [PASSAGE, "", { maxLength: 12 }],
  ] as const)("has encode's ids: %#", (text, pair, options) => {
    const encoding = uncased.encode(text, pair, options);
    const { inputIds, firstLength } = uncased.encodeIds(text, pair, options);
    expect(inputIds).toEqual(encoding.inputIds);
    expect(firstLength).toBe(encoding.tokenTypeIds.filter((type) => type === 0).length);
  });

  it("says what was cut off", () => {
    expect(uncased.encodeIds("one two three", undefined, { maxLength: 4 })).toEqual({
      inputIds: Int32Array.of(101, 2028, 2048, 102),
      firstLength: 4,
      truncated: true,
      untruncatedLength: 5,
    });
    expect(uncased.encodeIds("one two three", "four", { maxLength: 7 })).toMatchObject({
      truncated: false,
      untruncatedLength: 7,
    });
  });
});

describe("truncation", () => {
  it("is longest_first where nothing is said, and keeps the closing [SEP]", () => {
    const encoding = uncased.encode("one two three four five", "six seven", { maxLength: 8 });
    expect(tokensOf(uncased, encoding)).toBe("[CLS] one two three [SEP] six seven [SEP]");
  });

  it("does nothing under do_not_truncate", () => {
    const options = { maxLength: 3, truncation: "do_not_truncate" } as const;
    expect(uncased.encode("one two three", undefined, options).inputIds).toHaveLength(5);
  });

  it.each([
    ["only_second", 12, /the first text has \d+ tokens, the second 5, and 9 fit/],
    ["only_first", 8, /the second text has 5 tokens, the first \d+, and 5 fit/],
    ["longest_first", 2, /maximum length 2: expected a whole number of at least 3/],
    ["longest_first", 7.5, /maximum length 7.5/],
    ["longest_first", Number.NaN, /maximum length NaN/],
  ] as const)("%s to %d is refused", (truncation, maxLength, message) => {
    const options = { maxLength, truncation };
    expect(() => uncased.encode(PASSAGE, QUESTION, options)).toThrow(message);
    expect(() => uncased.encodeIds(PASSAGE, QUESTION, options)).toThrow(InputError);
  });
});

describe("encodeWindows", () => {
  const options = { maxLength: 40, truncation: "only_second", stride: 9 } as const;

  it("covers the second text, each window beginning with the end of the one before", () => {
    const all = uncased.encode(QUESTION, PASSAGE);
    const windows = uncased.encodeWindows(QUESTION, PASSAGE, options);
    expect(windows.length).toBeGreaterThan(3);
    const seconds = windows.map(({ inputIds, sequenceIds }) => [
      ...inputIds.filter((_, i) => sequenceIds[i] === 1),
    ]);
    const joined = seconds.flatMap((ids, i) => (i === 0 ? ids : ids.slice(options.stride)));
    expect(joined).toEqual([...all.inputIds.filter((_, i) => all.sequenceIds[i] === 1)]);
    for (let i = 1; i < seconds.length; i++) {
      expect(seconds[i].slice(0, options.stride)).toEqual(seconds[i - 1].slice(-options.stride));
    }
  });

  it("keeps question, offsets and length in each window", () => {
    const windows = uncased.encodeWindows(QUESTION, PASSAGE, options);
    for (const [i, window] of windows.entries()) {
      if (i < windows.length - 1) expect(window.inputIds).toHaveLength(options.maxLength);
      expect(tokensOf(uncased, window)).toMatch(/^\[CLS\] who lit the lamp \? \[SEP\] .* \[SEP\]$/);
      const cut = surfaces(window, [QUESTION, PASSAGE]);
      for (const [n, id] of window.inputIds.entries()) {
        if (cut[n] === "café") expect(uncased.decodeToken(id)).toBe("cafe");
      }
    }
  });

  it("gives one window where everything fits", () => {
    const windows = uncased.encodeWindows(QUESTION, "Ōmura.", options);
    expect(windows).toEqual([uncased.encode(QUESTION, "Ōmura.")]);
    expect(uncased.encodeWindows(QUESTION, undefined, { stride: 3 })).toHaveLength(1);
  });

  it.each([
    [{ maxLength: 40, stride: 37 }, /stride 37: expected .* less than the 37/],
    [{ maxLength: 40, stride: -1 }, /stride -1/],
    [{ maxLength: 40, stride: 1.5 }, /stride 1.5/],
    [
      { maxLength: 40, stride: 35, truncation: "only_second" },
      /overlap by 35 tokens, but only 32 of the text/,
    ],
  ] as const)("refuses %j", (bad, message) => {
    expect(() => uncased.encodeWindows(QUESTION, PASSAGE, bad)).toThrow(message);
  });
});

describe("tokens and ids", () => {
  it("knows the special tokens", () => {
    const { padId, unkId, clsId, sepId, maskId, vocabSize } = uncased;
    expect({ padId, unkId, clsId, sepId, maskId, vocabSize }).toEqual({
      padId: 0,
      unkId: 100,
      clsId: 101,
      sepId: 102,
      maskId: 103,
      vocabSize: 30522,
    });
  });

  it("goes from token to id and back", () => {
    expect(uncased.decodeToken(uncased.tokenId("##ing") ?? -1)).toBe("##ing");
    expect(uncased.tokenId("no such token")).toBeUndefined();
    expect(() => uncased.decodeToken(30522)).toThrow(RangeError);
  });
});
