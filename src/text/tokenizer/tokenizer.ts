/**
 * BERT's WordPiece tokenizer with character offsets: the same ids, offsets, words and windows as transformers'
 * `BertTokenizerFast` (huggingface/tokenizers 0.22).
 *
 * Our own, not a library's: `@huggingface/tokenizers` 0.2.0 has no offsets, word ids, pre-split words, truncation
 * or windows, leaves the reference where characters are younger than its Unicode tables, and makes 0.5 million tokens
 * a second where this makes 8 (English sentences, one core).
 */
import { InputError } from "../../util/errors.ts";
import { readDefinition, type TokenizerDefinition, type TokenizerFiles } from "./definition.ts";
import { buildEncoding, type Encoding } from "./encoding.ts";
import { TextSplitter } from "./text-splitter.ts";
import { TokenBuffer } from "./token-buffer.ts";
import {
  type Lengths,
  pairWindows,
  type Span,
  type Truncation,
  truncatedLengths,
  windowSpans,
} from "./truncation.ts";
import { type TokenizerFileName, writeFiles } from "./write-files.ts";

export type { TokenizerFiles } from "./definition.ts";
export type { Encoding } from "./encoding.ts";
export type { Truncation } from "./truncation.ts";

export interface EncodeOptions {
  /** Most tokens of an encoding, special ones included; no limit where it is left out. */
  maxLength?: number;
  /** What gives way to `maxLength`; the closing `[SEP]` always stays. Default `longest_first`. */
  truncation?: Truncation;
}

/** Ids of a text or a pair, for training. */
export interface EncodedIds {
  inputIds: Int32Array;
  /** Tokens of `[CLS] a [SEP]`: the token types are 0 up to here and 1 after. */
  firstLength: number;
  truncated: boolean;
  /** Tokens, special ones included, without a limit. */
  untruncatedLength: number;
}

/**
 * A text is a string, or a list of words: then words are numbered by that list and offsets count within a word.
 * As in transformers, an empty `pair` is no pair. Limits that cannot be met throw `InputError`.
 */
export interface Tokenizer {
  /** One more than the highest id. */
  readonly vocabSize: number;
  readonly lowercase: boolean;
  /** -1 where the vocabulary has no such token; so for `maskId`. */
  readonly padId: number;
  readonly clsId: number;
  readonly sepId: number;
  readonly maskId: number;
  readonly unkId: number;
  encode(
    text: string | readonly string[],
    pair?: string | readonly string[],
    options?: EncodeOptions,
  ): Encoding;
  /** Ids only. */
  encodeIds(text: string, pair?: string, options?: EncodeOptions): EncodedIds;
  /**
   * Windows over what `maxLength` would cut off, each beginning with the last `stride` tokens of the one before
   * (transformers' `stride` with `return_overflowing_tokens`). At least one.
   */
  encodeWindows(
    text: string | readonly string[],
    pair: string | readonly string[] | undefined,
    options: EncodeOptions & { stride: number },
  ): Encoding[];
  /** The token as the vocabulary writes it, `##` included. Throws `RangeError` for an id without a token. */
  decodeToken(id: number): string;
  tokenId(token: string): number | undefined;
  /**
   * Files to write beside a model: name to content. `modelMaxLength`, the model's number of positions, is written
   * where the files that were read state no longest input.
   */
  files(options?: { modelMaxLength?: number }): Record<TokenizerFileName, string>;
}

/**
 * A tokenizer from the files of a model folder, by content: `tokenizerJson`, or `vocab` alone. Throws `InputError`
 * where they are malformed, lack `[UNK]`, `[CLS]` or `[SEP]`, or describe another kind of tokenizer.
 * Lower case: `lowercase`, else tokenizer_config.json, else tokenizer.json, else a guess from the vocabulary.
 */
export function createTokenizer(files: TokenizerFiles): Tokenizer {
  return new BertTokenizer(readDefinition(files));
}

type Text = string | readonly string[];

class BertTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly lowercase: boolean;
  readonly padId: number;
  readonly clsId: number;
  readonly sepId: number;
  readonly maskId: number;
  readonly unkId: number;
  readonly #definition: TokenizerDefinition;
  readonly #ids: Map<string, number>;
  readonly #tokens: string[] = [];
  readonly #splitter: TextSplitter;
  readonly #buffer = new TokenBuffer();

  constructor(definition: TokenizerDefinition) {
    this.#definition = definition;
    this.#ids = new Map(definition.model.vocab);
    for (const { content, id } of definition.addedTokens) this.#ids.set(content, id);
    for (const [token, id] of this.#ids) this.#tokens[id] = token;
    this.#splitter = new TextSplitter(definition);
    const { pad_token, cls_token, sep_token, mask_token, unk_token } = definition.specialTokens;
    this.vocabSize = this.#tokens.length;
    this.lowercase = definition.normalizer.lowercase;
    this.padId = this.tokenId(pad_token) ?? -1;
    this.clsId = this.tokenId(cls_token) ?? -1;
    this.sepId = this.tokenId(sep_token) ?? -1;
    this.maskId = this.tokenId(mask_token) ?? -1;
    this.unkId = this.tokenId(unk_token) ?? -1;
  }

  encode(text: Text, pair?: Text, options: EncodeOptions = {}): Encoding {
    const lengths = this.#split(text, pair);
    const [first, second] = truncated(lengths, isPair(pair), options);
    const start = lengths[0];
    return buildEncoding(this.#buffer, [0, first], isPair(pair) ? [start, start + second] : undefined, this);
  }

  encodeWindows(text: Text, pair: Text | undefined, options: EncodeOptions & { stride: number }): Encoding[] {
    const lengths = this.#split(text, pair);
    checkStride(options, isPair(pair));
    const sizes = truncated(lengths, isPair(pair), options);
    const firsts = windowSpans(lengths[0], sizes[0], options.stride);
    if (!isPair(pair)) return firsts.map((span) => buildEncoding(this.#buffer, span, undefined, this));
    const start = lengths[0];
    const seconds = windowSpans(lengths[1], sizes[1], options.stride);
    return pairWindows(firsts, seconds).map(([first, [from, to]]) =>
      buildEncoding(this.#buffer, first, [start + from, start + to], this),
    );
  }

  encodeIds(text: string, pair?: string, options: EncodeOptions = {}): EncodedIds {
    const lengths = this.#split(text, pair);
    const [first, second] = truncated(lengths, isPair(pair), options);
    const specials = specialCount(isPair(pair));
    const inputIds = new Int32Array(first + second + specials);
    inputIds[0] = this.clsId;
    this.#copyIds([0, first], inputIds, 1);
    inputIds[first + 1] = this.sepId;
    if (isPair(pair)) {
      this.#copyIds([lengths[0], lengths[0] + second], inputIds, first + 2);
      inputIds[first + second + 2] = this.sepId;
    }
    const untruncatedLength = lengths[0] + lengths[1] + specials;
    return {
      inputIds,
      firstLength: first + 2,
      truncated: inputIds.length < untruncatedLength,
      untruncatedLength,
    };
  }

  decodeToken(id: number): string {
    const token = this.#tokens[id];
    if (token === undefined) throw new RangeError(`decodeToken: no token has id ${id}`);
    return token;
  }

  tokenId(token: string): number | undefined {
    return this.#ids.get(token);
  }

  files({ modelMaxLength }: { modelMaxLength?: number } = {}): Record<TokenizerFileName, string> {
    return writeFiles({ modelMaxLength, ...this.#definition });
  }

  /** Puts the tokens of both sequences into the buffer, one after the other; their lengths. */
  #split(text: Text, pair: Text | undefined): Lengths {
    this.#buffer.clear();
    this.#append(text);
    const first = this.#buffer.length;
    if (pair !== undefined) this.#append(pair);
    return [first, this.#buffer.length - first];
  }

  #append(text: Text): void {
    if (typeof text === "string") this.#splitter.split(text, this.#buffer);
    else for (let word = 0; word < text.length; word++) this.#splitter.split(text[word], this.#buffer, word);
  }

  #copyIds([from, to]: Span, target: Int32Array, at: number): void {
    const { ids } = this.#buffer;
    for (let i = from; i < to; i++) target[at + i - from] = ids[i];
  }
}

/** transformers takes an empty text or list for no pair. */
function isPair(pair: Text | undefined): boolean {
  return pair !== undefined && pair.length > 0;
}

/** `[CLS]` and one `[SEP]` a sequence. */
function specialCount(hasPair: boolean): number {
  return hasPair ? 3 : 2;
}

function truncated(lengths: Lengths, hasPair: boolean, { maxLength, truncation }: EncodeOptions): Lengths {
  if (maxLength === undefined || truncation === "do_not_truncate") return lengths;
  const room = maxLength - specialCount(hasPair);
  if (!Number.isInteger(maxLength) || room < 0) {
    throw new InputError(
      `maximum length ${maxLength}: expected a whole number of at least ${specialCount(hasPair)}, the special tokens`,
    );
  }
  return truncatedLengths(lengths, room, truncation ?? "longest_first");
}

/** Asked of every text, so that a stride which a long text cannot have does not wait for one. */
function checkStride(
  { maxLength = Number.POSITIVE_INFINITY, stride }: EncodeOptions & { stride: number },
  hasPair: boolean,
): void {
  if (Number.isInteger(stride) && stride >= 0 && stride < maxLength - specialCount(hasPair)) return;
  throw new InputError(
    `stride ${stride}: expected a whole number of tokens, at least 0 and less than the ` +
      `${maxLength - specialCount(hasPair)} that a window holds beside the special tokens`,
  );
}
