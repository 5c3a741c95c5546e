import { describe, expect, it } from "vitest";
import { WordPiece } from "./word-piece.ts";

const TOKENS = ["[UNK]", "un", "##aff", "##able", "##a", "una", "😀", "##😀", "##"];
const model = new WordPiece({
  vocab: new Map(TOKENS.map((token, id) => [token, id])),
  unk_token: "[UNK]",
  continuing_subword_prefix: "##",
  max_input_chars_per_word: 9,
});
const split = (word: string) => {
  const { ids, ends } = model.split(word);
  return ids.map((id, i) => `${TOKENS[id]}<${ends[i]}`).join(" ");
};

describe("WordPiece", () => {
  it.each([
    ["una", "una<3"],
    ["unaaff", "una<3 ##aff<6"],
    ["una😀😀", "una<3 ##😀<5 ##😀<7"],
    ["unx", "[UNK]<3"],
    ["affable", "[UNK]<7"],
    // The longest first piece is taken even where a shorter one would have led to the end.
    ["unaffable", "[UNK]<9"],
  ])("%s", (word, pieces) => expect(split(word)).toBe(pieces));

  it("counts code points for the longest word", () => {
    expect(split("😀".repeat(9))).not.toContain("[UNK]");
    expect(split("😀".repeat(10))).toBe("[UNK]<20");
    expect(split("un".padEnd(10, "a"))).toBe("[UNK]<10");
  });
});
