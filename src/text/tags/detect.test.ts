/** The scheme of a file, told by its tags. */
import { describe, expect, it } from "vitest";
import { SchemeDetector } from "./schemes.ts";

function detect(...sentences: string[]) {
  const detector = new SchemeDetector();
  for (const [i, tags] of sentences.entries()) detector.add(tags.split(" "), i + 1);
  return detector.finish();
}

describe("SchemeDetector", () => {
  it.each([
    ["IOB2", ["O B-PER I-PER O", "B-LOC B-LOC I-LOC"]],
    ["IOB1", ["O I-PER I-PER O", "I-LOC B-LOC I-LOC"]],
    ["IOB1", ["I-LOC O O", "O"]],
    ["IOBES", ["B-PER E-PER S-LOC O", "B-PER I-PER E-PER"]],
    ["IOBES", ["O S-LOC"]],
    ["BILOU", ["B-PER L-PER U-LOC O", "B-PER I-PER L-PER"]],
    ["BILOU", ["U-LOC"]],
    ["IOB2", ["B I O B"]],
  ])("tells %s", (scheme, sentences) => {
    expect(detect(...sentences)).toEqual({ scheme, violations: { count: 0, examples: [] } });
  });

  it.each([
    ["parts of speech", ["NOUN VERB ADJ", "X O"]],
    ["a letter among parts of speech", ["NN I VBZ B-ball DT"]],
    ["only O", ["O O O", "O"]],
  ])("tells that %s are no scheme", (_, sentences) => {
    expect(detect(...sentences)).toEqual({ scheme: "none", violations: { count: 0, examples: [] } });
  });

  it("takes the scheme with the fewest violations and says where they are", () => {
    const { scheme, violations } = detect("B-PER I-PER O B-LOC", "O I-PER B-PER", "I-LOC X B-LOC I-PER");
    expect(scheme).toBe("IOB2");
    expect(violations.count).toBe(4);
    expect(violations.examples).toEqual([
      { line: 2, word: 2, tag: "I-PER", before: "O", reason: '"I-PER" after "O"' },
      { line: 3, word: 1, tag: "I-LOC", before: "", reason: '"I-LOC" at the start' },
      { line: 3, word: 2, tag: "X", before: "I-LOC", reason: '"X" is no IOB2 tag' },
      { line: 3, word: 4, tag: "I-PER", before: "B-LOC", reason: '"I-PER" after "B-LOC"' },
    ]);
  });

  it("takes IOB2 where IOB1 is as good", () => {
    const { scheme, violations } = detect("B-PER O I-PER");
    expect([scheme, violations.count]).toEqual(["IOB2", 1]);
  });

  it("names spans that are not ended", () => {
    const { scheme, violations } = detect(
      "S-PER B-PER O",
      "B-PER E-PER B-LOC E-PER",
      "B-PER I-PER",
      "S-PER S-LOC",
    );
    expect(scheme).toBe("IOBES");
    expect(violations.examples.map(({ line, word, reason }) => [line, word, reason])).toEqual([
      [1, 2, '"B-PER" before "O"'],
      [2, 3, '"B-LOC" before "E-PER"'],
      [2, 4, '"E-PER" after "B-LOC"'],
      [3, 2, '"I-PER" at the end'],
    ]);
  });

  it("keeps a few examples however many violations there are", () => {
    const detector = new SchemeDetector();
    for (let line = 1; line <= 1000; line++) detector.add(["B-PER", "O", "I-PER"], line);
    const { violations } = detector.finish();
    expect(violations.count).toBe(1000);
    expect(violations.examples.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
  });
});
