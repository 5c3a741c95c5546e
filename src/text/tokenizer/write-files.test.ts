import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer as PeerTokenizer } from "@huggingface/tokenizers";
import { describe, expect, it } from "vitest";
import { createTokenizer, type Tokenizer } from "./tokenizer.ts";

const VOCABS = join(import.meta.dirname, "../../../test/fixtures/vocab");
const fromVocab = (kind: string) =>
  createTokenizer({ vocab: readFileSync(join(VOCABS, `${kind}-vocab.txt`), "utf8") });

/** Two added tokens, one of them looked for in normal form; an id without a token; a longest input. */
function withAddedTokens(): Tokenizer {
  const json = JSON.parse(fromVocab("uncased").files()["tokenizer.json"]);
  json.added_tokens.push(
    {
      id: 30530,
      content: "[E1]",
      single_word: false,
      lstrip: true,
      rstrip: false,
      normalized: false,
      special: true,
    },
    {
      id: 30531,
      content: "Covid-19",
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: true,
      special: false,
    },
  );
  json.model.max_input_chars_per_word = 20;
  const tokenizerConfig = JSON.stringify({ strip_accents: false, model_max_length: 512 });
  return createTokenizer({ tokenizerJson: JSON.stringify(json), tokenizerConfig });
}

const TEXTS = [
  "Édouard unplugged the [MASK]; covid-19 [E1] COVID-19 ≠ flu.",
  "日本 naïve 😀 unrecognisably antidisestablishmentarianism",
  "İstanbul\u200b \u0301 don't ##ing",
];

describe.each([
  ["an uncased vocabulary", fromVocab("uncased")],
  ["a cased vocabulary", fromVocab("cased")],
  ["a tokenizer.json with settings", withAddedTokens()],
])("files of %s", (_, tokenizer) => {
  const files = tokenizer.files();

  it("make the same tokenizer again", () => {
    const again = createTokenizer({
      tokenizerJson: files["tokenizer.json"],
      tokenizerConfig: files["tokenizer_config.json"],
      specialTokensMap: files["special_tokens_map.json"],
      vocab: files["vocab.txt"],
    });
    for (const text of TEXTS) expect(again.encode(text, TEXTS[0])).toEqual(tokenizer.encode(text, TEXTS[0]));
    expect(again.files()).toEqual(files);
    expect(again.vocabSize).toBe(tokenizer.vocabSize);
  });

  it("make the same ids in transformers.js", () => {
    const peer = new PeerTokenizer(
      JSON.parse(files["tokenizer.json"]),
      JSON.parse(files["tokenizer_config.json"]),
    );
    const ids = (text: string) => [...tokenizer.encode(text, TEXTS[1]).inputIds];
    expect(peer.encode(TEXTS[1], { text_pair: TEXTS[1] }).ids).toEqual(ids(TEXTS[1]));
    expect(peer.encode(TEXTS[2], { text_pair: TEXTS[1] }).ids).toEqual(ids(TEXTS[2]));
  });
});

it("vocab.txt alone makes the same ids", () => {
  const cased = fromVocab("cased");
  const again = createTokenizer({ vocab: cased.files()["vocab.txt"] });
  for (const text of TEXTS) expect(again.encode(text)).toEqual(cased.encode(text));
  expect(cased.files()["vocab.txt"]).toBe(readFileSync(join(VOCABS, "cased-vocab.txt"), "utf8"));
});

it("a vocab.txt of a vocabulary with gaps keeps each token's line", () => {
  const json = JSON.parse(fromVocab("uncased").files()["tokenizer.json"]);
  json.model.vocab = { "[UNK]": 0, "[CLS]": 1, "[SEP]": 2, lamp: 5, "two\nlines": 6 };
  json.added_tokens = [];
  const files = createTokenizer({ tokenizerJson: JSON.stringify(json) }).files();
  expect(createTokenizer({ vocab: files["vocab.txt"] }).tokenId("lamp")).toBe(5);
  expect(files["vocab.txt"].trimEnd().split("\n")).toHaveLength(7);
});

it("tokenizer_config.json states the source's longest input, else the caller's", () => {
  const config = (tokenizer: Tokenizer) =>
    JSON.parse(tokenizer.files({ modelMaxLength: 128 })["tokenizer_config.json"]).model_max_length;
  expect(config(withAddedTokens())).toBe(512);
  expect(config(fromVocab("uncased"))).toBe(128);
  expect(JSON.parse(fromVocab("uncased").files()["tokenizer_config.json"])).not.toHaveProperty(
    "model_max_length",
  );
});
