/** Tokens of one or two sequences while they are made: growing typed arrays, used again for the next text. */

/** What one word of the text gives: ids and, flat, [start, end) of each from the word's start. */
export interface WordTokens {
  ids: readonly number[];
  spans: readonly number[];
}

const FIRST_CAPACITY = 512;

/** A longer text's arrays are given back (16 bytes a token). */
const KEPT_CAPACITY = 1 << 18;

export class TokenBuffer {
  length = 0;
  ids = new Int32Array(FIRST_CAPACITY);
  starts = new Int32Array(FIRST_CAPACITY);
  ends = new Int32Array(FIRST_CAPACITY);
  words = new Int32Array(FIRST_CAPACITY);

  clear(): void {
    this.length = 0;
    if (this.ids.length > KEPT_CAPACITY) this.#resize(FIRST_CAPACITY);
  }

  /** Appends the tokens of the word that starts at `at` in its text. */
  append({ ids, spans }: WordTokens, at: number, word: number): void {
    if (this.length + ids.length > this.ids.length) this.#resize(2 * (this.length + ids.length));
    for (let i = 0; i < ids.length; i++) {
      const n = this.length++;
      this.ids[n] = ids[i];
      this.starts[n] = at + spans[2 * i];
      this.ends[n] = at + spans[2 * i + 1];
      this.words[n] = word;
    }
  }

  #resize(capacity: number): void {
    this.ids = resized(this.ids, capacity);
    this.starts = resized(this.starts, capacity);
    this.ends = resized(this.ends, capacity);
    this.words = resized(this.words, capacity);
  }
}

/** A copy of `capacity` entries; those that do not fit are gone. */
function resized(array: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(capacity);
  copy.set(array.subarray(0, capacity));
  return copy;
}
