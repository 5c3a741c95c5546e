/**
 * Tokens that are found in the text before it is split into words: `[MASK]`, `[SEP]` and what a model's authors
 * added. Follows `tokenizer/added_vocabulary.rs` of huggingface/tokenizers: leftmost, then longest, match.
 */
import { isWhitespace } from "./unicode.ts";

/** An entry of `added_tokens` in tokenizer.json. */
export interface AddedToken {
  id: number;
  content: string;
  /** Only where no word character touches it. */
  single_word: boolean;
  /** Takes the whitespace before it. */
  lstrip: boolean;
  /** Takes the whitespace after it. */
  rstrip: boolean;
  /** Looked for in the normalised text, in normalised form. */
  normalized: boolean;
  special: boolean;
}

/** An added token at `[start, end)` of the text. */
export interface AddedTokenMatch {
  id: number;
  start: number;
  end: number;
}

const NO_MATCHES: readonly AddedTokenMatch[] = [];
/** `\w` of Rust's regular expressions. */
const WORD_CHAR = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

export class AddedTokenMatcher {
  readonly #tokens = new Map<string, AddedToken>();
  readonly #pattern: RegExp | undefined;

  /** `written` says how a token stands in the text that will be searched. */
  constructor(tokens: readonly AddedToken[], written: (content: string) => string = (content) => content) {
    for (const token of tokens) {
      const content = written(token.content);
      if (content !== "") this.#tokens.set(content, token);
    }
    const alternatives = [...this.#tokens.keys()].sort((a, b) => b.length - a.length).map(escapeRegExp);
    if (alternatives.length > 0) this.#pattern = new RegExp(alternatives.join("|"), "g");
  }

  get isEmpty(): boolean {
    return this.#pattern === undefined;
  }

  /** Matches in order, without overlap. */
  find(text: string): readonly AddedTokenMatch[] {
    if (!this.#pattern) return NO_MATCHES;
    this.#pattern.lastIndex = 0;
    let found = this.#pattern.exec(text);
    if (!found) return NO_MATCHES;
    const matches: AddedTokenMatch[] = [];
    for (; found; found = this.#pattern.exec(text)) {
      const match = this.#accept(text, found[0], found.index, matches.at(-1)?.end ?? 0);
      if (match) matches.push(match);
    }
    return matches;
  }

  /** The match at `index` with the whitespace that it takes, not before `from`; undefined where it is not a word. */
  #accept(text: string, content: string, index: number, from: number): AddedTokenMatch | undefined {
    const token = this.#tokens.get(content) as AddedToken;
    let start = index;
    let end = index + content.length;
    if (token.single_word && touchesWord(text, start, end)) return undefined;
    if (token.lstrip) while (start > from && isWhitespace(text.charCodeAt(start - 1))) start--;
    if (token.rstrip) while (end < text.length && isWhitespace(text.charCodeAt(end))) end++;
    return { id: token.id, start: Math.max(start, from), end };
  }
}

/** Whether a word character stands right before `start` or at `end`. */
function touchesWord(text: string, start: number, end: number): boolean {
  // The two units before `start`: a whole character outside the basic plane, or one that the last unit decides.
  const before = text.slice(Math.max(0, start - 2), start);
  const last = [...before].at(-1) ?? "";
  return WORD_CHAR.test(last) || WORD_CHAR.test(text.slice(end, end + 2));
}

function escapeRegExp(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
