/** Reads `tokenizer.json` (huggingface/tokenizers) of a BERT model; other kinds of tokenizer are refused by name. */
import { InputError } from "../../util/errors.ts";
import type { AddedToken } from "./added-tokens.ts";
import { asArray, asBoolean, asIndex, asObject, asString, type JsonObject, parseObject } from "./json.ts";
import type { NormalizerOptions } from "./normalizer.ts";
import { MAX_VOCAB_SIZE } from "./vocab.ts";
import type { WordPieceOptions } from "./word-piece.ts";

const FILE = "tokenizer.json";

/** Bound on `max_input_chars_per_word`; BERT has 100. */
const MAX_WORD_CHARS = 1_000_000;

export interface TokenizerJson {
  model: WordPieceOptions;
  normalizer: NormalizerOptions;
  addedTokens: AddedToken[];
  /** Tokens of the post-processor's template; absent where the file has none. */
  cls_token?: string;
  sep_token?: string;
}

/** `truncation` and `padding` are not read: lengths are the caller's business, and rows are packed without padding. */
export function readTokenizerJson(text: string): TokenizerJson {
  const json = parseObject(FILE, text);
  const model = readModel(asObject(`${FILE}: model`, json.model));
  checkType("pre_tokenizer", json.pre_tokenizer, "BertPreTokenizer");
  return {
    model,
    normalizer: readNormalizer(json.normalizer),
    addedTokens: asArray(`${FILE}: added_tokens`, json.added_tokens ?? []).map((token, i) =>
      readAddedToken(`${FILE}: added_tokens[${i}]`, token, model.vocab),
    ),
    ...readPostProcessor(json.post_processor),
  };
}

function readModel(model: JsonObject): WordPieceOptions {
  const kind = model.type ?? guessKind(model);
  if (kind !== "WordPiece") {
    throw new InputError(
      `${FILE}: model.type is ${JSON.stringify(kind)}; only WordPiece, the tokenizer of BERT, can be used\n` +
        "Choose a model with model_type bert.",
    );
  }
  const vocab = Object.entries(asObject(`${FILE}: model.vocab`, model.vocab));
  return {
    vocab: new Map(
      vocab.map(([token, id]) => [token, asIndex(`${FILE}: model.vocab["${token}"]`, id, MAX_VOCAB_SIZE)]),
    ),
    unk_token: asString(`${FILE}: model.unk_token`, model.unk_token ?? "[UNK]"),
    continuing_subword_prefix: asString(
      `${FILE}: model.continuing_subword_prefix`,
      model.continuing_subword_prefix ?? "##",
    ),
    max_input_chars_per_word: asIndex(
      `${FILE}: model.max_input_chars_per_word`,
      model.max_input_chars_per_word ?? 100,
      MAX_WORD_CHARS,
    ),
  };
}

/** Files of early versions do not name the kind. */
function guessKind(model: JsonObject): string {
  if ("merges" in model) return "BPE";
  if (Array.isArray(model.vocab)) return "Unigram";
  return "continuing_subword_prefix" in model ? "WordPiece" : "WordLevel";
}

function readNormalizer(value: unknown): NormalizerOptions {
  const normalizer = checkType("normalizer", value, "BertNormalizer");
  const flag = (name: string) => asBoolean(`${FILE}: normalizer.${name}`, normalizer[name] ?? true);
  return {
    clean_text: flag("clean_text"),
    handle_chinese_chars: flag("handle_chinese_chars"),
    strip_accents: (normalizer.strip_accents ?? null) === null ? null : flag("strip_accents"),
    lowercase: flag("lowercase"),
  };
}

/** The section as an object of that type. */
function checkType(section: string, value: unknown, type: string): JsonObject {
  const object =
    value === null || value === undefined ? { type: "none" } : asObject(`${FILE}: ${section}`, value);
  if (object.type === type) return object;
  throw new InputError(
    `${FILE}: ${section} is ${JSON.stringify(object.type)}; only ${type} can be used\n` +
      "Choose a model with BERT's own tokenizer.",
  );
}

/** An added token; where the model has it too, the model's id counts. */
export function readAddedToken(
  where: string,
  value: unknown,
  vocab: ReadonlyMap<string, number>,
  key?: number,
): AddedToken {
  const token = asObject(where, value);
  const content = asString(`${where}.content`, token.content);
  const flag = (name: string, fallback: boolean) => asBoolean(`${where}.${name}`, token[name] ?? fallback);
  const special = flag("special", false);
  return {
    id: vocab.get(content) ?? asIndex(`${where}.id`, key ?? token.id, MAX_VOCAB_SIZE),
    content,
    single_word: flag("single_word", false),
    lstrip: flag("lstrip", false),
    rstrip: flag("rstrip", false),
    normalized: flag("normalized", !special),
    special,
  };
}

/** `[CLS]` and `[SEP]` under the names that the template has for them; nothing where there is no post-processor. */
function readPostProcessor(value: unknown): { cls_token?: string; sep_token?: string } {
  if (value === null || value === undefined) return {};
  const processor = asObject(`${FILE}: post_processor`, value);
  if (processor.type === "BertProcessing") {
    const name = (key: string) =>
      asString(`${FILE}: post_processor.${key}[0]`, asArray(key, processor[key])[0]);
    return { cls_token: name("cls"), sep_token: name("sep") };
  }
  const single = templateOf(processor.single);
  const [, cls, sep] = /^(.+):0 A:0 (.+):0$/.exec(single) ?? [];
  const isBert = cls !== undefined && templateOf(processor.pair) === `${cls}:0 A:0 ${sep}:0 B:1 ${sep}:1`;
  if (processor.type !== "TemplateProcessing" || !isBert) {
    throw new InputError(
      `${FILE}: post_processor ${JSON.stringify(processor.type)} does not write [CLS] a [SEP] b [SEP]\n` +
        "Choose a model with BERT's own tokenizer.",
    );
  }
  return { cls_token: cls, sep_token: sep };
}

/** A template as `[CLS]:0 A:0 [SEP]:0`: name and type id of each piece. */
function templateOf(value: unknown): string {
  return asArray(`${FILE}: post_processor template`, value)
    .map((entry) => {
      const piece = asObject(`${FILE}: post_processor piece`, entry);
      const { id, type_id } = asObject(`${FILE}: post_processor piece`, piece.SpecialToken ?? piece.Sequence);
      return `${id}:${type_id}`;
    })
    .join(" ");
}
