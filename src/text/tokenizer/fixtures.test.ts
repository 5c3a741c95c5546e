import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../util/errors.ts";
import { checkTokenizerFixture, type RecordedEncoding, type TokenizerFixture } from "./fixtures.ts";

const FIXTURES = join(import.meta.dirname, "../../../test/fixtures");
const vocabOf = (kind: string) => readFileSync(join(FIXTURES, "vocab", `${kind}-vocab.txt`), "utf8");
const fixture = (name: string) =>
  JSON.parse(readFileSync(join(FIXTURES, "tokenizer", `${name}.json`), "utf8")) as TokenizerFixture;

describe("what the reference recorded", () => {
  it.each([
    ["uncased", 79],
    ["cased", 79],
    ["more-uncased", 84],
    ["more-cased", 84],
  ])("%s: all %i cases are equal", (name, cases) => {
    const json = fixture(name);
    expect(checkTokenizerFixture(json, vocabOf(json.tokenizer))).toEqual({ cases });
  });
});

describe("a difference is found", () => {
  const vocab = vocabOf("uncased");
  const hello = fixture("uncased").cases[3];
  const check = (change: Partial<RecordedEncoding>) => {
    const result = { ...(hello.result as RecordedEncoding), ...change };
    return checkTokenizerFixture({ tokenizer: "uncased", cases: [hello, { ...hello, result }] }, vocab)
      .firstDifference;
  };

  it.each<[string, Partial<RecordedEncoding>, string]>([
    ["an id", { input_ids: [101, 7592, 1010, 2088, 1000, 102] }, "input_ids[4]: expected 1000, got 999"],
    ["a type", { token_type_ids: [0, 0, 0, 0, 0, 1] }, "token_type_ids[5]: expected 1, got 0"],
    ["a mask", { attention_mask: [1, 1, 1, 1, 1, 0] }, "attention_mask[5]: expected 0, got 1"],
    [
      "a token too many",
      { word_ids: [null, 0, 1, 2, 3, null, null] },
      "word_ids[6]: expected null, got undefined",
    ],
    ["a sequence", { sequence_ids: [null, 0, 0, 0, 1, null] }, "sequence_ids[4]: expected 1, got 0"],
    [
      "an offset",
      { offsets: [null, [0, 4], [5, 6], [7, 12], [12, 13], null] },
      "offsets[1]: expected [0,4], got [0,5]",
    ],
  ])("%s", (_, change, message) => {
    expect(check(change)).toBe(`case 1 {"text":"Hello, world!"}: ${message}`);
  });

  it("in the number of windows", () => {
    const call = { text: "Hello, world!", strategy: "longest_first", max_length: 4, stride: 0 } as const;
    const result = [hello.result as RecordedEncoding];
    const difference = checkTokenizerFixture({ tokenizer: "uncased", cases: [{ call, result }] }, vocab);
    expect(difference.firstDifference).toMatch(/expected 1 windows, got 2$/);
  });

  it("in a call with an option that is not known", () => {
    const call = { text: "a", padding: true };
    const { firstDifference } = checkTokenizerFixture(
      { tokenizer: "uncased", cases: [{ ...hello, call }] },
      vocab,
    );
    expect(firstDifference).toMatch(/the call's "padding" is not known$/);
  });

  it("and a file of another form is refused", () => {
    expect(() => checkTokenizerFixture({} as TokenizerFixture, vocab)).toThrow(InputError);
  });
});
