import { describe, expect, it } from "vitest";
import { InputError } from "../../util/errors.ts";
import { createTokenizer, type TokenizerFiles } from "./tokenizer.ts";

const UNCASED = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "lamp", "##s", "é", "e", "日", "日本"];
const CASED = [...UNCASED, "Lamp", "É", "E"];
const vocab = UNCASED.join("\n");

/** A tokenizer.json of the uncased entries, with sections replaced. */
function tokenizerJson(change: Record<string, unknown> = {}): string {
  const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const single = [special("[CLS]", 0), { Sequence: { id: "A", type_id: 0 } }, special("[SEP]", 0)];
  return JSON.stringify({
    truncation: { max_length: 3, strategy: "LongestFirst", stride: 0 },
    padding: { strategy: { Fixed: 128 }, pad_id: 0 },
    added_tokens: [{ id: 4, content: "[MASK]", special: true, normalized: false }],
    normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single,
      pair: [...single, { Sequence: { id: "B", type_id: 1 } }, special("[SEP]", 1)],
    },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(UNCASED.map((token, id) => [token, id])),
    },
    ...change,
  });
}

function tokens(files: TokenizerFiles, text: string): string {
  const tokenizer = createTokenizer(files);
  return Array.from(tokenizer.encode(text).inputIds, (id) => tokenizer.decodeToken(id)).join(" ");
}

describe("lower case", () => {
  const text = "Lamps";
  const lower = "[CLS] lamp ##s [SEP]";
  const asIs = "[CLS] Lamp ##s [SEP]";
  const casedVocab = CASED.join("\n");
  const config = (do_lower_case: boolean) => JSON.stringify({ do_lower_case });

  it("is guessed from the vocabulary where nothing else says it", () => {
    expect(tokens({ vocab }, text)).toBe(lower);
    expect(tokens({ vocab: casedVocab }, text)).toBe(asIs);
    expect(createTokenizer({ vocab: casedVocab }).lowercase).toBe(false);
  });

  it("is the config's before the guess, and the caller's before both", () => {
    expect(tokens({ vocab: casedVocab, tokenizerConfig: config(true) }, text)).toBe(lower);
    expect(tokens({ vocab: casedVocab, tokenizerConfig: config(true), lowercase: false }, text)).toBe(asIs);
    expect(tokens({ vocab, tokenizerConfig: config(false) }, text)).toBe("[CLS] [UNK] [SEP]");
  });

  it("is the config's before tokenizer.json's", () => {
    expect(tokens({ tokenizerJson: tokenizerJson() }, text)).toBe(lower);
    expect(tokens({ tokenizerJson: tokenizerJson(), tokenizerConfig: config(false) }, text)).toBe(
      "[CLS] [UNK] [SEP]",
    );
  });
});

describe("the normaliser's settings", () => {
  it("strip_accents goes with lower case unless it is set", () => {
    expect(tokens({ vocab }, "É")).toBe("[CLS] e [SEP]");
    expect(tokens({ vocab, tokenizerConfig: '{"strip_accents": false}' }, "É")).toBe("[CLS] é [SEP]");
    expect(tokens({ vocab, tokenizerConfig: '{"strip_accents": null}' }, "É")).toBe("[CLS] e [SEP]");
    const strip = '{"strip_accents": true}';
    expect(tokens({ vocab: CASED.join("\n"), tokenizerConfig: strip }, "É")).toBe("[CLS] E [SEP]");
  });

  it("tokenize_chinese_chars decides whether ideographs are words", () => {
    expect(tokens({ vocab }, "日本")).toBe("[CLS] 日 [UNK] [SEP]");
    expect(tokens({ vocab, tokenizerConfig: '{"tokenize_chinese_chars": false}' }, "日本")).toBe(
      "[CLS] 日本 [SEP]",
    );
  });

  it("clean_text removes controls, or leaves them in the word", () => {
    const raw = { type: "BertNormalizer", clean_text: false, lowercase: true };
    expect(tokens({ tokenizerJson: tokenizerJson() }, "la\u0007mp")).toBe("[CLS] lamp [SEP]");
    expect(tokens({ tokenizerJson: tokenizerJson({ normalizer: raw }) }, "la\u0007mp")).toBe(
      "[CLS] [UNK] [SEP]",
    );
  });
});

describe("tokenizer.json", () => {
  it("is read; its truncation and padding are not", () => {
    expect(tokens({ tokenizerJson: tokenizerJson() }, "lamp lamp lamp")).toBe("[CLS] lamp lamp lamp [SEP]");
  });

  it("comes before vocab.txt", () => {
    expect(tokens({ tokenizerJson: tokenizerJson(), vocab: "nonsense" }, "lamp")).toBe("[CLS] lamp [SEP]");
  });

  it.each([null, { type: "BertProcessing", sep: ["[SEP]", 3], cls: ["[CLS]", 2] }])(
    "writes BERT's template for post_processor %j",
    (post_processor) => {
      expect(tokens({ tokenizerJson: tokenizerJson({ post_processor }) }, "lamp")).toBe("[CLS] lamp [SEP]");
    },
  );

  it("knows an added token that the model does not have", () => {
    const added_tokens = [{ id: 11, content: "[NEW]", special: true }];
    const tokenizer = createTokenizer({ tokenizerJson: tokenizerJson({ added_tokens }) });
    expect(tokenizer.vocabSize).toBe(12);
    expect([...tokenizer.encode("lamp[NEW]").inputIds]).toEqual([2, 5, 11, 3]);
  });

  const model = (change: object) => ({ model: { type: "WordPiece", vocab: { "[UNK]": 0 }, ...change } });
  it.each<[string, string, RegExp]>([
    ["not JSON", "{", /^tokenizer.json is not valid JSON/],
    ["a list", "[]", /^tokenizer.json: expected an object, found \[\]/],
    ["without a model", tokenizerJson({ model: null }), /model: expected an object, found null/],
    ["BPE", tokenizerJson(model({ type: "BPE" })), /model.type is "BPE"; only WordPiece/],
    ["Unigram", tokenizerJson(model({ type: "Unigram", vocab: [] })), /model.type is "Unigram"/],
    ["BPE without its name", tokenizerJson({ model: { vocab: {}, merges: [] } }), /model.type is "BPE"/],
    ["Unigram without its name", tokenizerJson({ model: { vocab: [["a", 0]] } }), /model.type is "Unigram"/],
    ["a vocabulary that is a list", tokenizerJson(model({ vocab: [] })), /model.vocab: expected an object/],
    [
      "an id that is no number",
      tokenizerJson(model({ vocab: { a: "1" } })),
      /vocab\["a"\]: expected a whole number/,
    ],
    ["a negative id", tokenizerJson(model({ vocab: { a: -1 } })), /found -1/],
    ["a huge id", tokenizerJson(model({ vocab: { a: 4e9 } })), /found 4000000000/],
    ["without [UNK], [CLS]", tokenizerJson(model({ vocab: { "[SEP]": 0 } })), /no \[UNK\], \[CLS\]/],
    [
      "another normaliser",
      tokenizerJson({ normalizer: { type: "NFKC" } }),
      /normalizer is "NFKC"; only BertNormalizer/,
    ],
    ["no normaliser", tokenizerJson({ normalizer: null }), /normalizer is "none"/],
    [
      "a flag that is none",
      tokenizerJson({ normalizer: { type: "BertNormalizer", lowercase: 1 } }),
      /lowercase: expected true or false, found 1/,
    ],
    [
      "another pre-tokenizer",
      tokenizerJson({ pre_tokenizer: { type: "ByteLevel" } }),
      /pre_tokenizer is "ByteLevel"/,
    ],
    [
      "another template",
      tokenizerJson({ post_processor: { type: "TemplateProcessing", single: [], pair: [] } }),
      /does not write \[CLS\] a \[SEP\]/,
    ],
    [
      "RoBERTa's template",
      tokenizerJson({ post_processor: { type: "RobertaProcessing", single: [] } }),
      /"RobertaProcessing" does not write/,
    ],
    ["added tokens that are no list", tokenizerJson({ added_tokens: {} }), /added_tokens: expected a list/],
    [
      "an added token without content",
      tokenizerJson({ added_tokens: [{ id: 1 }] }),
      /added_tokens\[0\].content: expected a string, found nothing/,
    ],
  ])("%s is refused", (_, text, message) => {
    expect(() => createTokenizer({ tokenizerJson: text })).toThrow(InputError);
    expect(() => createTokenizer({ tokenizerJson: text })).toThrow(message);
  });
});

describe("vocab.txt", () => {
  it("may have Windows line ends, a byte order mark and blank lines at its end", () => {
    const tokenizer = createTokenizer({ vocab: `\ufeff${UNCASED.join("\r\n")}\r\n\r\n` });
    expect(tokenizer.vocabSize).toBe(UNCASED.length);
    expect(tokenizer.tokenId("[PAD]")).toBe(0);
  });

  it("gives a token that stands twice its later id", () => {
    expect(createTokenizer({ vocab: `${vocab}\nlamp` }).tokenId("lamp")).toBe(11);
  });

  it("may lack [PAD] and [MASK]", () => {
    const { padId, maskId } = createTokenizer({ vocab: "[UNK]\n[CLS]\n[SEP]\nlamp" });
    expect([padId, maskId]).toEqual([-1, -1]);
  });

  it("may have special tokens of other names, which a config gives", () => {
    const names = { unk_token: "<unk>", cls_token: { content: "<s>" }, sep_token: "</s>" };
    const files = { vocab: "<unk>\n<s>\n</s>\nlamp", specialTokensMap: JSON.stringify(names) };
    expect(tokens(files, "lamp</s>oil")).toBe("<s> lamp </s> <unk> </s>");
  });

  it("takes added tokens from tokenizer_config.json", () => {
    const added_tokens_decoder = { 11: { content: "[NEW]", special: true } };
    const files = { vocab, tokenizerConfig: JSON.stringify({ added_tokens_decoder }) };
    expect(tokens(files, "lamp[NEW][MASK]")).toBe("[CLS] lamp [NEW] [MASK] [SEP]");
  });

  it.each<[string, TokenizerFiles, RegExp]>([
    ["nothing at all", {}, /neither tokenizer.json nor vocab.txt/],
    ["an empty file", { vocab: "\n\n" }, /vocab.txt is empty/],
    [
      "a file of something else",
      { vocab: "hello\nworld" },
      /vocabulary of 2 entries has no \[UNK\], \[CLS\], \[SEP\]/,
    ],
    ["no [SEP]", { vocab: "[UNK]\n[CLS]" }, /has no \[SEP\]$/m],
    [
      "a tokenizer of another kind",
      { vocab, tokenizerConfig: '{"tokenizer_class": "BertJapaneseTokenizer"}' },
      /tokenizer_class is "BertJapaneseTokenizer"/,
    ],
    [
      "a config that is not JSON",
      { vocab, tokenizerConfig: "lower" },
      /^tokenizer_config.json is not valid JSON/,
    ],
    [
      "a flag that is none",
      { vocab, tokenizerConfig: '{"do_lower_case": "yes"}' },
      /do_lower_case: expected true or false, found "yes"/,
    ],
    [
      "strip_accents that is none",
      { vocab, tokenizerConfig: '{"strip_accents": 1}' },
      /strip_accents: expected true or false/,
    ],
    [
      "a special token that is none",
      { vocab, specialTokensMap: '{"cls_token": 7}' },
      /special_tokens_map.json: cls_token: expected an object, found 7/,
    ],
    [
      "an added token's id that is none",
      { vocab, tokenizerConfig: '{"added_tokens_decoder": {"x": {"content": "y"}}}' },
      /added_tokens_decoder\["x"\].id/,
    ],
  ])("%s is refused", (_, files, message) => {
    expect(() => createTokenizer(files)).toThrow(InputError);
    expect(() => createTokenizer(files)).toThrow(message);
  });
});

it.each([`{"model": ${JSON.stringify("x\n".repeat(500))}}`, "{\n\n\nbad\n\n\n}"])(
  "no message is longer than three lines: %#",
  (tokenizerJson) => {
    try {
      createTokenizer({ tokenizerJson });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message.split("\n").length).toBeLessThanOrEqual(3);
    }
  },
);
