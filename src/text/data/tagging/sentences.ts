/** Lines of words to sentences. */
import { InputError } from "../../../util/errors.ts";
import type { ConllLineReader } from "./conll.ts";
import type { TaggedExample } from "./tagged-example.ts";

/** A file without blank lines is one sentence: it is refused there and not swallowed. */
export const MAX_SENTENCE_WORDS = 1_000_000;

/** Takes lines in order and gives each sentence at the blank line after it, the last one at the end. */
export class SentenceBuilder {
  readonly #name: string;
  readonly #read: ConllLineReader;
  #words: string[] = [];
  #tags: string[] = [];
  #line = 0;

  constructor(name: string, read: ConllLineReader) {
    this.#name = name;
    this.#read = read;
  }

  push(line: string, number: number): TaggedExample | undefined {
    const read = this.#read(line, number, this.#words.length > 0);
    if (read === "skip") return undefined;
    if (read === "end") return this.end();
    if (this.#words.length === 0) this.#line = number;
    if (this.#words.push(read.word) > MAX_SENTENCE_WORDS) throw this.#tooLong();
    if (read.tag !== undefined) this.#tags.push(read.tag);
    return undefined;
  }

  /** The sentence that is open, if any. */
  end(): TaggedExample | undefined {
    const [words, tags] = [this.#words, this.#tags];
    if (words.length === 0) return undefined;
    [this.#words, this.#tags] = [[], []];
    // A sentence with some tags only is one without: which word lacks its tag is known no more.
    return tags.length === words.length ? { line: this.#line, words, tags } : { line: this.#line, words };
  }

  #tooLong(): InputError {
    return new InputError(
      `${this.#name}:${this.#line}: a sentence of more than ${MAX_SENTENCE_WORDS / 1e6} million words.\nA blank line ends a sentence.`,
    );
  }
}
