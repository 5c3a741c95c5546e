/** What is told of a file, as people read it. */
import { describe, expect, it } from "vitest";
import { sourceFromText } from "../source.ts";
import { describeTagging, sniffTagging } from "./tagging.ts";

describe("describeTagging", () => {
  it.each([
    ["Mia NNP B-PER\n", "required", "f: CoNLL columns, white space-separated; words column 1, tags column 3"],
    ["word\tner\nMia\tO\n", "required", 'f: CoNLL columns, tab-separated, header; words "word", tags "ner"'],
    ["Mia\nran\n\n", "optional", "f: CoNLL columns, white space-separated; words column 1, no tags"],
    [`1\ta\ta${"\t_".repeat(7)}\n`, "required", "f: CoNLL-U; words form, tags upos"],
    ['{"tokens": ["a"], "tags": ["O"]}', "required", 'f: rows of words; words "tokens", tags "tags"'],
    ['{"text": "a"}', "optional", 'f: rows of text; text "text", no spans'],
    ["Mia ran far.\n", "optional", "f: one text a line, no tags"],
  ] as const)("describes %j", async (text, tags, expected) => {
    const layout = await sniffTagging(sourceFromText("f", text), { needs: { tags } });
    expect(describeTagging("f", layout)).toBe(expected);
  });
});
