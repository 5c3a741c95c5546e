/** WordPiece: a word as the longest pieces of the vocabulary, from left to right (`models/wordpiece` of huggingface/tokenizers). */

/** The fields of the model `WordPiece` in tokenizer.json, the vocabulary as a map. */
export interface WordPieceOptions {
  vocab: ReadonlyMap<string, number>;
  unk_token: string;
  continuing_subword_prefix: string;
  max_input_chars_per_word: number;
}

/** Ids of a word's pieces; piece `i` ends before unit `ends[i]` (UTF-16), where the next begins. */
export interface Pieces {
  ids: number[];
  ends: number[];
}

export class WordPiece {
  readonly #unkId: number;
  readonly #maxChars: number;
  readonly #initial: ReadonlyMap<string, number>;
  /** Pieces within a word, without their prefix. */
  readonly #continuing = new Map<string, number>();
  readonly #longest: number;

  constructor({ vocab, unk_token, continuing_subword_prefix, max_input_chars_per_word }: WordPieceOptions) {
    this.#unkId = vocab.get(unk_token) as number;
    this.#maxChars = max_input_chars_per_word;
    this.#initial = vocab;
    let longest = 0;
    for (const [piece, id] of vocab) {
      longest = Math.max(longest, piece.length);
      if (piece.startsWith(continuing_subword_prefix)) {
        this.#continuing.set(piece.slice(continuing_subword_prefix.length), id);
      }
    }
    this.#longest = longest;
  }

  /** Pieces of a normalised word that is not empty; one `[UNK]` where it is too long or no pieces fit. */
  split(word: string): Pieces {
    const ids: number[] = [];
    const ends: number[] = [];
    if (this.#isTooLong(word)) return this.#unknown(word);
    for (let start = 0; start < word.length; ) {
      const pieces = start === 0 ? this.#initial : this.#continuing;
      let end = Math.min(word.length, start + this.#longest);
      let id: number | undefined;
      while (end > start) {
        id = pieces.get(word.slice(start, end));
        if (id !== undefined) break;
        end--;
      }
      if (id === undefined) return this.#unknown(word);
      ids.push(id);
      ends.push(end);
      start = end;
    }
    return { ids, ends };
  }

  /** Length counts code points. */
  #isTooLong(word: string): boolean {
    if (word.length <= this.#maxChars) return false;
    let chars = 0;
    for (const _ of word) if (++chars > this.#maxChars) return true;
    return false;
  }

  #unknown(word: string): Pieces {
    return { ids: [this.#unkId], ends: [word.length] };
  }
}
