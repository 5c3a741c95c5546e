/**
 * What makes a tokenizer, read from a model folder's files: `tokenizer.json` where there is one, else `vocab.txt`.
 * The files are somebody else's: all that they say is checked, and what we cannot do as they say is refused.
 */
import { InputError } from "../../util/errors.ts";
import type { AddedToken } from "./added-tokens.ts";
import type { NormalizerOptions } from "./normalizer.ts";
import { readTokenizerConfig, type SpecialTokens, type TokenizerConfig } from "./tokenizer-config.ts";
import { readTokenizerJson } from "./tokenizer-json.ts";
import { guessLowercase, readVocab } from "./vocab.ts";
import type { WordPieceOptions } from "./word-piece.ts";

/** Contents of a model folder's tokenizer files, and the caller's own wish. */
export interface TokenizerFiles {
  tokenizerJson?: string;
  tokenizerConfig?: string;
  vocab?: string;
  specialTokensMap?: string;
  /** Overrides what the files say of lower case. */
  lowercase?: boolean;
}

export interface TokenizerDefinition {
  model: WordPieceOptions;
  normalizer: NormalizerOptions;
  addedTokens: AddedToken[];
  specialTokens: SpecialTokens;
  /** Longest input that the model's authors state. */
  modelMaxLength?: number;
}

const BERT_SPECIAL_TOKENS: SpecialTokens = {
  unk_token: "[UNK]",
  cls_token: "[CLS]",
  sep_token: "[SEP]",
  pad_token: "[PAD]",
  mask_token: "[MASK]",
};

/**
 * Lower case is, in this order: the caller's, `do_lower_case` of tokenizer_config.json, the normaliser of
 * tokenizer.json, a guess from vocab.txt (an uncased vocabulary has hardly an entry with a capital).
 */
export function readDefinition(files: TokenizerFiles): TokenizerDefinition {
  const config = readTokenizerConfig(files.tokenizerConfig, files.specialTokensMap);
  const definition =
    files.tokenizerJson === undefined ? fromVocab(files, config) : fromJson(files.tokenizerJson, config);
  const { normalizer } = definition;
  normalizer.lowercase = files.lowercase ?? config.do_lower_case ?? normalizer.lowercase;
  normalizer.handle_chinese_chars = config.tokenize_chinese_chars ?? normalizer.handle_chinese_chars;
  if (config.strip_accents !== undefined) normalizer.strip_accents = config.strip_accents;
  if (config.model_max_length !== undefined) definition.modelMaxLength = config.model_max_length;
  checkSpecialTokens(definition, files.tokenizerJson === undefined ? "vocab.txt" : "tokenizer.json");
  return definition;
}

function fromJson(text: string, config: TokenizerConfig): TokenizerDefinition {
  const { model, normalizer, addedTokens, cls_token, sep_token } = readTokenizerJson(text);
  const specialTokens = { ...BERT_SPECIAL_TOKENS, ...config.specialTokens, unk_token: model.unk_token };
  if (cls_token !== undefined) specialTokens.cls_token = cls_token;
  if (sep_token !== undefined) specialTokens.sep_token = sep_token;
  return { model, normalizer, addedTokens, specialTokens };
}

function fromVocab(files: TokenizerFiles, config: TokenizerConfig): TokenizerDefinition {
  if (files.vocab === undefined) {
    throw new InputError(
      "The model has neither tokenizer.json nor vocab.txt.\nAdd one of the two to its folder.",
    );
  }
  if (config.foreignClass !== undefined) {
    throw new InputError(
      `tokenizer_config.json: tokenizer_class is "${config.foreignClass}"; from vocab.txt only BERT's own is known\n` +
        "Use a model with a BertTokenizer, or one that has a tokenizer.json.",
    );
  }
  const vocab = readVocab(files.vocab);
  const specialTokens = { ...BERT_SPECIAL_TOKENS, ...config.specialTokens };
  return {
    model: {
      vocab,
      unk_token: specialTokens.unk_token,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
    },
    normalizer: {
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: guessLowercase(vocab),
    },
    addedTokens: withSpecialTokens(config.addedTokens, specialTokens, vocab),
    specialTokens,
  };
}

/** The config's added tokens, and the special ones that it does not list. */
function withSpecialTokens(
  listed: readonly AddedToken[],
  specialTokens: SpecialTokens,
  vocab: ReadonlyMap<string, number>,
): AddedToken[] {
  const tokens = [...listed];
  for (const content of Object.values(specialTokens)) {
    const id = vocab.get(content);
    if (id === undefined || tokens.some((token) => token.content === content)) continue;
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    tokens.push({ id, content, ...flags });
  }
  return tokens.sort((a, b) => a.id - b.id);
}

function checkSpecialTokens({ model, addedTokens, specialTokens }: TokenizerDefinition, file: string): void {
  const has = (token: string) =>
    model.vocab.has(token) || addedTokens.some(({ content }) => content === token);
  const { unk_token, cls_token, sep_token } = specialTokens;
  const missing = [cls_token, sep_token].filter((token) => !has(token));
  if (!model.vocab.has(unk_token)) missing.unshift(unk_token); // the model itself must know it
  if (missing.length === 0) return;
  throw new InputError(
    `${file}: the vocabulary of ${model.vocab.size} entries has no ${missing.join(", ")}\n` +
      "BERT's input needs them; is this the file of a BERT model?",
  );
}
