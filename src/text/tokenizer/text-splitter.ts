/**
 * Text to tokens: added tokens, then words (`BertPreTokenizer`: whitespace ends a word, a punctuation mark or an
 * ideograph is one), then the pieces of each word.
 *
 * Words are cut from the text as written and looked up, spelling by spelling, in a bounded cache that holds their
 * pieces with offsets; only a word that is not there is normalised and split. On English text that makes about
 * 8 million tokens a second on one core.
 */
import { type AddedToken, AddedTokenMatcher } from "./added-tokens.ts";
import { BertNormalizer, IN_WORD, ISOLATED, type NormalizerOptions } from "./normalizer.ts";
import type { TokenBuffer, WordTokens } from "./token-buffer.ts";
import { WordCache } from "./word-cache.ts";
import { WordPiece, type WordPieceOptions } from "./word-piece.ts";

export interface SplitterOptions {
  normalizer: NormalizerOptions;
  model: WordPieceOptions;
  addedTokens: readonly AddedToken[];
}

export class TextSplitter {
  readonly #normalizer: BertNormalizer;
  readonly #model: WordPiece;
  readonly #cache = new WordCache<WordTokens>();
  readonly #rawMatcher: AddedTokenMatcher;
  readonly #normalizedMatcher: AddedTokenMatcher;

  constructor({ normalizer, model, addedTokens }: SplitterOptions) {
    this.#normalizer = new BertNormalizer(normalizer);
    this.#model = new WordPiece(model);
    this.#rawMatcher = new AddedTokenMatcher(addedTokens.filter((token) => !token.normalized));
    this.#normalizedMatcher = new AddedTokenMatcher(
      addedTokens.filter((token) => token.normalized),
      (content) => this.#normalizer.normalizeText(content).text,
    );
  }

  /** Appends the tokens of `text`; its words are numbered from 0, or all have the number `word` where that is given. */
  split(text: string, buffer: TokenBuffer, word?: number): void {
    const numbering = { next: word ?? 0, step: word === undefined ? 1 : 0 };
    let from = 0;
    for (const { id, start, end } of this.#rawMatcher.find(text)) {
      this.#splitNormalized(text, from, start, buffer, numbering);
      appendAdded(id, start, end, buffer, numbering);
      from = end;
    }
    this.#splitNormalized(text, from, text.length, buffer, numbering);
  }

  /** The words of [from, to), and the added tokens that are looked for in its normal form. */
  #splitNormalized(text: string, from: number, to: number, buffer: TokenBuffer, numbering: Numbering): void {
    if (this.#normalizedMatcher.isEmpty) {
      this.#splitWords(text, from, to, buffer, numbering);
      return;
    }
    const normalized = this.#normalizer.normalizeText(text.slice(from, to));
    const startOf = (unit: number) => from + normalized.startOf(unit);
    const endBefore = (unit: number) => from + normalized.endOf(unit - 1);
    const splitWords = (start: number, end: number) => this.#splitWords(text, start, end, buffer, numbering);
    let done = 0; // units of the normal form
    let rest = from; // where the text after the last match starts
    for (const { id, start, end } of this.#normalizedMatcher.find(normalized.text)) {
      // A match may take a space that came with an ideograph, and yet leave the ideograph to the words.
      if (start > done) splitWords(Math.min(rest, startOf(done)), Math.max(startOf(start), endBefore(start)));
      appendAdded(id, startOf(start), endBefore(end), buffer, numbering);
      done = end;
      rest = endBefore(end);
    }
    splitWords(done < normalized.text.length ? Math.min(rest, startOf(done)) : rest, to);
  }

  #splitWords(text: string, from: number, to: number, buffer: TokenBuffer, numbering: Numbering): void {
    let wordStart = -1;
    for (let i = from; i < to; ) {
      const unit = text.charCodeAt(i);
      const codePoint = (unit & 0xfc00) === 0xd800 ? (text.codePointAt(i) as number) : unit;
      const next = codePoint > 0xffff ? i + 2 : i + 1;
      const kind = this.#normalizer.classOf(codePoint);
      if (kind === IN_WORD) {
        if (wordStart < 0) wordStart = i;
      } else {
        if (wordStart >= 0) this.#appendWord(text.slice(wordStart, i), wordStart, buffer, numbering);
        if (kind === ISOLATED) this.#appendWord(text.slice(i, next), i, buffer, numbering);
        wordStart = -1;
      }
      i = next;
    }
    if (wordStart >= 0) this.#appendWord(text.slice(wordStart, to), wordStart, buffer, numbering);
  }

  #appendWord(word: string, at: number, buffer: TokenBuffer, numbering: Numbering): void {
    let tokens = this.#cache.get(word);
    if (tokens === undefined) {
      tokens = this.#tokensOf(word);
      this.#cache.set(word, tokens);
    }
    if (tokens.ids.length === 0) return; // nothing but removed characters: no word
    buffer.append(tokens, at, numbering.next);
    numbering.next += numbering.step;
  }

  #tokensOf(word: string): WordTokens {
    const normalized = this.#normalizer.normalizeWord(word);
    if (normalized.text === "") return { ids: [], spans: [] };
    const { ids, ends } = this.#model.split(normalized.text);
    const spans: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      spans.push(normalized.startOf(i === 0 ? 0 : ends[i - 1]), normalized.endOf(ends[i] - 1));
    }
    return { ids, spans };
  }
}

/** The next word's number, and what to add after a word. */
interface Numbering {
  next: number;
  step: number;
}

/** An added token is a word of its own. */
function appendAdded(
  id: number,
  start: number,
  end: number,
  buffer: TokenBuffer,
  numbering: Numbering,
): void {
  buffer.append({ ids: [id], spans: [0, end - start] }, start, numbering.next);
  numbering.next += numbering.step;
}
