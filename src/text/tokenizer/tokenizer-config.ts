/** Reads what `tokenizer_config.json` and `special_tokens_map.json` (transformers) say of a BERT tokenizer. */
import type { AddedToken } from "./added-tokens.ts";
import { asBoolean, asObject, asString, type JsonObject, parseObject } from "./json.ts";
import { readAddedToken } from "./tokenizer-json.ts";

const FILE = "tokenizer_config.json";

/** Above this `model_max_length` means "not stated" (transformers writes 1e30). */
const STATED_LENGTH = 1e9;

/** Classes that read vocab.txt as BERT does, without the ending "Fast". */
const BERT_CLASSES = new Set([
  "BertTokenizer",
  "DistilBertTokenizer",
  "ElectraTokenizer",
  "MobileBertTokenizer",
  "ConvBertTokenizer",
  "SqueezeBertTokenizer",
  "PreTrainedTokenizer",
  "TokenizersBackend",
]);

/** Names of BERT's special tokens; `pad_token` and `mask_token` may be absent from the vocabulary. */
export interface SpecialTokens {
  unk_token: string;
  cls_token: string;
  sep_token: string;
  pad_token: string;
  mask_token: string;
}

/** Fields that the files do not have are absent. */
export interface TokenizerConfig {
  do_lower_case?: boolean;
  tokenize_chinese_chars?: boolean;
  strip_accents?: boolean | null;
  model_max_length?: number;
  specialTokens: Partial<SpecialTokens>;
  /** `added_tokens_decoder`, by id. */
  addedTokens: AddedToken[];
  /** `tokenizer_class` where it splits words in another way. */
  foreignClass?: string;
}

export function readTokenizerConfig(
  configText: string | undefined,
  mapText: string | undefined,
): TokenizerConfig {
  const json = configText === undefined ? {} : parseObject(FILE, configText);
  const map = mapText === undefined ? {} : parseObject("special_tokens_map.json", mapText);
  const config: TokenizerConfig = {
    specialTokens: { ...readSpecialTokens("special_tokens_map.json", map), ...readSpecialTokens(FILE, json) },
    addedTokens: readDecoder(json.added_tokens_decoder),
  };
  for (const key of ["do_lower_case", "tokenize_chinese_chars"] as const) {
    if (isPresent(json[key])) config[key] = asBoolean(`${FILE}: ${key}`, json[key]);
  }
  if (json.strip_accents !== undefined) {
    config.strip_accents =
      json.strip_accents === null ? null : asBoolean(`${FILE}: strip_accents`, json.strip_accents);
  }
  if (Number.isInteger(json.model_max_length) && (json.model_max_length as number) < STATED_LENGTH) {
    config.model_max_length = json.model_max_length as number;
  }
  if (isPresent(json.tokenizer_class)) {
    const name = asString(`${FILE}: tokenizer_class`, json.tokenizer_class);
    if (!BERT_CLASSES.has(name.replace(/Fast$/, ""))) config.foreignClass = name;
  }
  return config;
}

/** A special token is written as its text or as an object with `content`. */
function readSpecialTokens(file: string, json: JsonObject): Partial<SpecialTokens> {
  const tokens: Partial<SpecialTokens> = {};
  for (const key of ["unk_token", "cls_token", "sep_token", "pad_token", "mask_token"] as const) {
    const value = json[key];
    if (!isPresent(value)) continue;
    tokens[key] =
      typeof value === "string"
        ? value
        : asString(`${file}: ${key}`, asObject(`${file}: ${key}`, value).content);
  }
  return tokens;
}

function readDecoder(value: unknown): AddedToken[] {
  if (!isPresent(value)) return [];
  const where = `${FILE}: added_tokens_decoder`;
  return Object.entries(asObject(where, value)).map(([id, token]) =>
    readAddedToken(`${where}["${id}"]`, token, new Map(), Number(id)),
  );
}

const isPresent = (value: unknown) => value !== undefined && value !== null;
