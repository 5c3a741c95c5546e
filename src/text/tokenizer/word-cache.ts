/** A bounded memory of words: two generations, so that words in use stay and the rest goes. */

/** Words a generation holds; both together take about 20 MB with the pieces of English words. */
const GENERATION = 32_768;

/** Longer words are rare and seldom come again. */
const LONGEST_WORD = 48;

/** From this length on V8's `slice` is a view that keeps the whole text alive. */
const SHORTEST_VIEW = 13;

export class WordCache<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  get(word: string): T | undefined {
    const value = this.#young.get(word);
    if (value !== undefined) return value;
    const aged = this.#old.get(word);
    if (aged !== undefined) this.set(word, aged);
    return aged;
  }

  set(word: string, value: T): void {
    if (word.length > LONGEST_WORD) return;
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(word.length < SHORTEST_VIEW ? word : word.split("").join(""), value);
  }
}
