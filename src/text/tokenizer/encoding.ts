/** What a text becomes: ids, and for each where it came from. `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]`. */
import type { TokenBuffer } from "./token-buffer.ts";
import type { Span } from "./truncation.ts";

/** Arrays of n tokens, in transformers' terms. */
export interface Encoding {
  inputIds: Int32Array;
  /** 0 up to the first `[SEP]`, 1 after it. */
  tokenTypeIds: Uint8Array;
  /**
   * `[start, end)` of each token in its sequence's text (in its word, for pre-split words), in UTF-16 units, flat
   * `[2 * n]`: `text.slice(offsets[2 * i], offsets[2 * i + 1])`. -1, -1 for special tokens.
   */
  offsets: Int32Array;
  /** Number of the token's word within its sequence; for pre-split words, its index. -1 for special tokens. */
  wordIds: Int32Array;
  /** 0 first sequence, 1 second, -1 special tokens. */
  sequenceIds: Int8Array;
}

/** Ids that BERT puts around sequences. */
export interface Separators {
  clsId: number;
  sepId: number;
}

/** `[CLS] first [SEP]`, then `second [SEP]` where there is one; spans are positions in `buffer`. */
export function buildEncoding(
  buffer: TokenBuffer,
  first: Span,
  second: Span | undefined,
  { clsId, sepId }: Separators,
): Encoding {
  const writer = new EncodingWriter(first[1] - first[0] + 2 + (second ? second[1] - second[0] + 1 : 0));
  writer.special(clsId, 0);
  writer.sequence(buffer, first, 0);
  writer.special(sepId, 0);
  if (second) {
    writer.sequence(buffer, second, 1);
    writer.special(sepId, 1);
  }
  return writer.encoding;
}

class EncodingWriter {
  readonly encoding: Encoding;
  #length = 0;

  constructor(length: number) {
    this.encoding = {
      inputIds: new Int32Array(length),
      tokenTypeIds: new Uint8Array(length),
      offsets: new Int32Array(2 * length),
      wordIds: new Int32Array(length),
      sequenceIds: new Int8Array(length),
    };
  }

  special(id: number, type: number): void {
    this.#write(id, type, -1, -1, -1, -1);
  }

  sequence({ ids, starts, ends, words }: TokenBuffer, [from, to]: Span, index: number): void {
    for (let i = from; i < to; i++) this.#write(ids[i], index, starts[i], ends[i], words[i], index);
  }

  #write(id: number, type: number, start: number, end: number, word: number, sequence: number): void {
    const n = this.#length++;
    this.encoding.inputIds[n] = id;
    this.encoding.tokenTypeIds[n] = type;
    this.encoding.offsets[2 * n] = start;
    this.encoding.offsets[2 * n + 1] = end;
    this.encoding.wordIds[n] = word;
    this.encoding.sequenceIds[n] = sequence;
  }
}
