/**
 * BERT's normaliser: cleaning, spaces around ideographs, accent stripping, lower case; every character of the result
 * knows the characters of the text that it came from. Follows `normalizers/bert.rs` and `tokenizer/normalizer.rs` of
 * huggingface/tokenizers (0.22), which follow `BasicTokenizer` of google-research/bert's tokenization.py.
 *
 * But for reordered marks each character is normalised on its own, so that a word can be normalised apart from its
 * text, and its result be kept by the word's spelling.
 */
import { NormalizedText } from "./normalized-text.ts";
import {
  decompose,
  isChinese,
  isNonspacingMark,
  isPunctuation,
  isRemoved,
  isReordered,
  isWhitespace,
} from "./unicode.ts";

/** The fields of `BertNormalizer` in tokenizer.json; `strip_accents: null` means "as `lowercase`". */
export interface NormalizerOptions {
  clean_text: boolean;
  handle_chinese_chars: boolean;
  strip_accents: boolean | null;
  lowercase: boolean;
}

/** What a character of the text does to words: it belongs to one, it ends one, or it is one by itself. */
export const IN_WORD = 1;
export const SPACE = 2;
export const ISOLATED = 3;

/** A character and where it came from. */
interface Aligned {
  char: string;
  start: number;
  end: number;
}

/** Text that changes by lower case at most. */
const PLAIN = /^[ -~]*$/;

/**
 * Longer runs of marks are put in order piece by piece: sorting takes the square of the length, and the longest runs
 * of any language have some ten.
 */
const LONGEST_MARK_RUN = 256;

/** Forms are remembered below this code point, for the basic plane: that bounds their memory. */
const REMEMBERED_FORMS = 0x10000;

export class BertNormalizer {
  readonly #options: NormalizerOptions;
  readonly #strip: boolean;
  /** Class by code point, 0 where not asked yet. */
  readonly #classes = new Uint8Array(0x110000);
  readonly #forms = new Map<number, string>();

  constructor(options: NormalizerOptions) {
    this.#options = options;
    this.#strip = options.strip_accents ?? options.lowercase;
  }

  /** `IN_WORD`, `SPACE` or `ISOLATED`, by what the code point becomes (U+2260, not equal, becomes "="). */
  classOf(codePoint: number): number {
    const known = this.#classes[codePoint];
    if (known !== 0) return known;
    this.#classes[codePoint] = this.#classify(codePoint);
    return this.#classes[codePoint];
  }

  #classify(codePoint: number): number {
    const first = this.#form(codePoint).codePointAt(0);
    if (first === undefined) return IN_WORD; // removed: the letters on its two sides meet
    if (isWhitespace(first)) return SPACE;
    if (isPunctuation(first)) return ISOLATED;
    return this.#options.handle_chinese_chars && isChinese(codePoint) ? ISOLATED : IN_WORD;
  }

  /** The word's normal form. */
  normalizeWord(word: string): NormalizedText {
    return this.#normalize(word, false);
  }

  /** The text's normal form, ideographs between spaces. */
  normalizeText(text: string): NormalizedText {
    return this.#normalize(text, this.#options.handle_chinese_chars);
  }

  #normalize(text: string, spaced: boolean): NormalizedText {
    if (PLAIN.test(text)) return new NormalizedText(this.#options.lowercase ? text.toLowerCase() : text);
    const result = new NormalizedText();
    for (let start = 0; start < text.length; ) {
      const codePoint = text.codePointAt(start) as number;
      if (this.#strip && isReordered(codePoint)) return this.#normalizeReordered(text, spaced);
      const end = start + (codePoint > 0xffff ? 2 : 1);
      const form = this.#form(codePoint);
      result.append(spaced && isChinese(codePoint) ? ` ${form} ` : form, start, end);
      start = end;
    }
    return result;
  }

  /** What the code point becomes by itself: nothing, or one character or more. */
  #form(codePoint: number): string {
    const known = this.#forms.get(codePoint);
    if (known !== undefined) return known;
    let form = this.#clean(codePoint);
    if (this.#strip) form = [...form].map((char) => decompose(char.codePointAt(0) as number)).join("");
    form = [...form].map((char) => this.#stripAndLower(char)).join("");
    if (codePoint < REMEMBERED_FORMS) this.#forms.set(codePoint, form);
    return form;
  }

  /** A half of a surrogate pair cannot be written as UTF-8: it counts as U+FFFD. */
  #clean(codePoint: number): string {
    const scalar = codePoint >= 0xd800 && codePoint < 0xe000 ? 0xfffd : codePoint;
    if (!this.#options.clean_text) return String.fromCodePoint(scalar);
    if (isRemoved(scalar)) return "";
    return isWhitespace(scalar) ? " " : String.fromCodePoint(scalar);
  }

  /** Lower case is taken character by character: a capital sigma never becomes a final one. */
  #stripAndLower(char: string): string {
    if (this.#strip && isNonspacingMark(char.codePointAt(0) as number)) return "";
    return this.#options.lowercase ? char.toLowerCase() : char;
  }

  /** The same step by step, for text in which marks change places: places stay, marks move. */
  #normalizeReordered(text: string, spaced: boolean): NormalizedText {
    const source = this.#cleanAligned(text, spaced);
    const result = new NormalizedText();
    let place = -1;
    for (const { char, inserted } of canonicalOrder(source)) {
      if (!inserted) place++;
      result.append(this.#stripAndLower(char), source[place].start, source[place].end);
    }
    return result;
  }

  #cleanAligned(text: string, spaced: boolean): Aligned[] {
    const result: Aligned[] = [];
    let start = 0;
    for (const raw of text) {
      const end = start + raw.length;
      const char = this.#clean(raw.codePointAt(0) as number);
      const space = { char: " ", start, end };
      if (spaced && isChinese(raw.codePointAt(0) as number)) result.push(space, { char, start, end }, space);
      else if (char !== "") result.push({ char, start, end });
      start = end;
    }
    return result;
  }
}

/** A character of a decomposition: the first takes the place of what was decomposed, the others come after it. */
interface Decomposed {
  char: string;
  inserted: boolean;
}

/** Decomposed characters, each run of marks in canonical order. */
function canonicalOrder(source: readonly Aligned[]): Decomposed[] {
  const result: Decomposed[] = [];
  let marks: Decomposed[] = [];
  for (const { char } of source) {
    for (const [index, part] of [...decompose(char.codePointAt(0) as number)].entries()) {
      const codePoint = part.codePointAt(0) as number;
      const isMark = isNonspacingMark(codePoint) || isReordered(codePoint);
      if (isMark && marks.length < LONGEST_MARK_RUN) {
        marks.push({ char: part, inserted: index > 0 });
      } else {
        for (const mark of sortMarks(marks)) result.push(mark);
        result.push({ char: part, inserted: index > 0 });
        marks = [];
      }
    }
  }
  return result.concat(sortMarks(marks));
}

/** Marks by combining class, equal ones as they stand; `inserted` goes with its mark, as in the reference. */
function sortMarks(marks: readonly Decomposed[]): readonly Decomposed[] {
  if (marks.length < 2) return marks;
  const waiting = new Map<string, Decomposed[]>();
  for (const mark of marks.toReversed()) {
    const queue = waiting.get(mark.char);
    if (queue) queue.push(mark);
    else waiting.set(mark.char, [mark]);
  }
  const joined = marks.map(({ char }) => char).join("");
  return Array.from(joined.normalize("NFD"), (char) => waiting.get(char)?.pop() as Decomposed);
}
