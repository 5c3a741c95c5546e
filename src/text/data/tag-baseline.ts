/** What guessing without any model scores: each word's most frequent tag in train, the commonest tag for new words. */
import { spansOf, type TagSpan } from "../tags/schemes.ts";
import type { TagForm } from "./tag-counts.ts";

/** What train says of words. */
export interface WordGuess {
  /** For words that train does not have. */
  commonest: string;
  tagOfWord: (word: string) => string | undefined;
}

export class WordBaseline {
  readonly #guess: WordGuess;
  readonly #right = { written: 0, trained: 0 };
  readonly #entities = { right: 0, guessed: 0, wanted: 0 };
  #words = 0;
  /** Words that train does not have. */
  unseen = 0;

  constructor(guess: WordGuess) {
    this.#guess = guess;
  }

  /** A sentence: its tags as written, and as training has them. */
  add(words: readonly string[], written: readonly string[], trained: readonly string[]): void {
    const guessed = words.map((word, i) => {
      const known = this.#guess.tagOfWord(word);
      if (known === undefined) this.unseen++;
      const tag = known ?? this.#guess.commonest;
      if (tag === written[i]) this.#right.written++;
      if (tag === trained[i]) this.#right.trained++;
      return tag;
    });
    this.#words += words.length;
    this.#addEntities(spansOf(guessed, "IOB2"), spansOf(trained, "IOB2"));
  }

  /** Share of the words. */
  accuracy(form: TagForm): number {
    return this.#right[form] / this.#words;
  }

  /** Of entities that agree in type and both ends, as conlleval counts. 0 where nothing agrees. */
  get f1(): number {
    const { right, guessed, wanted } = this.#entities;
    return right === 0 ? 0 : (2 * right) / (guessed + wanted);
  }

  #addEntities(guessed: readonly TagSpan[], wanted: readonly TagSpan[]): void {
    const keys = new Set(wanted.map(keyOf));
    this.#entities.right += guessed.filter((span) => keys.has(keyOf(span))).length;
    this.#entities.guessed += guessed.length;
    this.#entities.wanted += wanted.length;
  }
}

function keyOf({ start, end, type }: TagSpan): string {
  return `${start} ${end} ${type}`;
}
