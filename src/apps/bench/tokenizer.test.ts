import { describe, expect, it } from "vitest";
import { madeUpSentences } from "./tokenizer.ts";

describe("made-up sentences", () => {
  it("are the same each time, of many words, and not all of the vocabulary", () => {
    const vocab = "[UNK]\nthe\nof\ncat\nriver\n##ing\n".concat(
      Array.from(
        { length: 500 },
        (_, i) => `w${"abcdefghij"[i % 10]}${"klmnopqrst"[Math.floor(i / 10) % 10]}`,
      ).join("\n"),
    );
    const sentences = madeUpSentences(vocab, 200);
    expect(madeUpSentences(vocab, 200)).toEqual(sentences);
    const words = sentences.flatMap((text) => text.toLowerCase().match(/[a-z]+/g) ?? []);
    expect(new Set(words).size).toBeGreaterThan(50);
    expect(words.filter((word) => word === "the").length).toBeGreaterThan(words.length / 50);
    expect(words.some((word) => word.length > 5)).toBe(true);
    expect(sentences.every((text) => text.endsWith(", isn't it?"))).toBe(true);
  });
});
