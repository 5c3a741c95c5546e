import { describe, expect, it } from "vitest";
import { type AddedToken, AddedTokenMatcher } from "./added-tokens.ts";
import { createTokenizer } from "./tokenizer.ts";

const token = (id: number, content: string, flags: Partial<AddedToken> = {}): AddedToken => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: false,
  ...flags,
});

/** Matches as [id, what the match covers]. */
function found(tokens: AddedToken[], text: string): [number, string][] {
  return new AddedTokenMatcher(tokens).find(text).map(({ id, start, end }) => [id, text.slice(start, end)]);
}

describe("AddedTokenMatcher", () => {
  it("takes the leftmost and there the longest", () => {
    const tokens = [token(1, "<e"), token(2, "<ent>"), token(3, "nt>x")];
    expect(found(tokens, "<ent>x <e")).toEqual([
      [2, "<ent>"],
      [1, "<e"],
    ]);
  });

  it("takes whitespace along where a token says so, but none twice", () => {
    const tokens = [token(1, "[L]", { lstrip: true }), token(2, "[R]", { rstrip: true })];
    expect(found(tokens, "a \t[L] [R] \u00a0[L] b")).toEqual([
      [1, " \t[L]"],
      [2, "[R] \u00a0"],
      [1, "[L]"],
    ]);
  });

  it("leaves a single_word token that touches a word", () => {
    const tokens = [token(1, "RAW", { single_word: true })];
    expect(found(tokens, "RAW RAWs _RAW \u{10400}RAW -RAW!")).toEqual([
      [1, "RAW"],
      [1, "RAW"],
    ]);
  });

  it("takes characters of regular expressions as they are", () => {
    expect(found([token(1, "(a|b)*$")], "ab (a|b)*$")).toEqual([[1, "(a|b)*$"]]);
  });
});

/** Expectations recorded from tokenizers 0.22.2 with the same added tokens. */
describe("tokens looked for in normal form", () => {
  const vocab = ["[UNK]", "[CLS]", "[SEP]", "a", "b", "日", "本", "uni", "##x"];
  const base = JSON.parse(createTokenizer({ vocab: vocab.join("\n") }).files()["tokenizer.json"]);
  base.added_tokens.push(
    token(9, "Ünï", { normalized: true }),
    token(10, "日本", { normalized: true }),
    token(11, " a", { normalized: true }),
  );
  const tokenizer = createTokenizer({ tokenizerJson: JSON.stringify(base) });
  const encode = (text: string) => {
    const { inputIds, offsets, wordIds } = tokenizer.encode(text);
    return Array.from(inputIds, (id, i) => [
      id,
      text.slice(offsets[2 * i], offsets[2 * i + 1]),
      wordIds[i],
    ]).slice(1, -1);
  };

  it.each<[string, (string | number)[][]]>([
    [
      "UNI\u0308X",
      [
        [9, "UNI", 0],
        [0, "X", 1],
      ],
    ],
    [
      "b日本b",
      [
        [4, "b", 0],
        [10, "日本", 1],
        [4, "b", 2],
      ],
    ],
    [
      "日a b",
      [
        [5, "日", 0],
        [11, "日a", 1],
        [4, "b", 2],
      ],
    ],
    [
      "b\u200b a\u0301",
      [
        [4, "b", 0],
        [11, " a", 1],
      ],
    ],
  ])("%j", (text, expected) => expect(encode(text)).toEqual(expected));
});
