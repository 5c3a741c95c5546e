/**
 * Sentences as windows that the model reads: `[CLS] pieces [SEP]`, overlapping where a sentence is longer than one
 * (the spans of transformers' `return_overflowing_tokens` with `stride`). Each word is predicted in exactly one
 * window, the one where it has most context on its poorer side: the max-context rule of google-research/bert's
 * `run_squad.py`, for words. Letters: n tokens of a window.
 */
import { endWithMarks } from "../../text/tokenizer/marks.ts";
import type { Encoding, Tokenizer } from "../../text/tokenizer/tokenizer.ts";
import { type Span, windowSpans } from "../../text/tokenizer/truncation.ts";
import { InputError, UsageError } from "../../util/errors.ts";

export interface WindowOptions {
  /** Most tokens of a window, `[CLS]` and `[SEP]` included; at least 3. */
  maxSeqLength: number;
  /** Pieces by which neighbouring windows overlap. Default: a quarter of `maxSeqLength`. */
  stride?: number;
}

/** One window of a sentence. Arrays have n entries. */
export interface SentenceWindow {
  inputIds: Int32Array;
  /** The word that is predicted in this window and of which the token is the first piece, else -1. */
  firstPieces: Int32Array;
  /** The word that is predicted in this window and of which the token is any piece, else -1. */
  pieces: Int32Array;
  /** `[start, end)` of each token, flat `[2 * n]`: in the text, or in its word for pre-split words; else -1, -1. */
  offsets: Int32Array;
}

export interface EncodedSentence {
  /**
   * In text order, and so are the words that they predict. A window that would predict no word is left out: there is
   * none for a sentence without pieces.
   */
  windows: SentenceWindow[];
  /** Words in all. */
  words: number;
  /** Words without any piece (empty, control characters): no window predicts them. */
  withoutPieces: number[];
}

export interface EncodedText extends EncodedSentence {
  /** `[start, end)` of each word in the text, UTF-16, flat `[2 * words]`. */
  offsets: Int32Array;
}

/** Windows of words that are split already. Throws `InputError` for a length or a stride that cannot be. */
export function encodeWords(
  tokenizer: Tokenizer,
  words: readonly string[],
  options: WindowOptions,
): EncodedSentence {
  const sentence = piecesOf(tokenizer.encode(words), words.length);
  return { windows: windowsOf(tokenizer, sentence, options), ...wordCounts(sentence) };
}

/**
 * Windows of a plain text. Its words are BERT's pre-tokens, so "don't" is three and "Rome." two, as in transformers'
 * pipeline, whose words are pieces up to the next one without `##`.
 */
export function encodeText(tokenizer: Tokenizer, text: string, options: WindowOptions): EncodedText {
  const sentence = textPieces(tokenizer, text);
  return {
    windows: windowsOf(tokenizer, sentence, options),
    ...wordCounts(sentence),
    offsets: wordOffsets(sentence, text),
  };
}

/** The words of a plain text as `encodeText` counts them, and `[start, end)` of each, UTF-16, flat. */
export function wordsOfText(tokenizer: Tokenizer, text: string): { words: string[]; offsets: Int32Array } {
  const offsets = wordOffsets(textPieces(tokenizer, text), text);
  const words = Array.from({ length: offsets.length / 2 }, (_, i) =>
    text.slice(offsets[2 * i], offsets[2 * i + 1]),
  );
  return { words, offsets };
}

/** A sentence's pieces without the special tokens, and the pieces [firsts, ends) of each word; -1, 0 for none. */
interface Pieces {
  ids: Int32Array;
  words: Int32Array;
  offsets: Int32Array;
  firsts: Int32Array;
  ends: Int32Array;
}

function textPieces(tokenizer: Tokenizer, text: string): Pieces {
  const encoding = tokenizer.encode(text);
  return piecesOf(encoding, (encoding.wordIds.at(-2) ?? -1) + 1);
}

function piecesOf({ inputIds, wordIds, offsets }: Encoding, wordCount: number): Pieces {
  const words = wordIds.subarray(1, -1);
  const firsts = new Int32Array(wordCount).fill(-1);
  const ends = new Int32Array(wordCount);
  for (let i = 0; i < words.length; i++) {
    if (firsts[words[i]] < 0) firsts[words[i]] = i;
    ends[words[i]] = i + 1;
  }
  return { ids: inputIds.subarray(1, -1), words, offsets: offsets.subarray(2, -2), firsts, ends };
}

function wordCounts({ firsts }: Pieces): { words: number; withoutPieces: number[] } {
  return { words: firsts.length, withoutPieces: [...firsts.keys()].filter((word) => firsts[word] < 0) };
}

/** A word ends with the marks on its last letter, which its last piece may have lost. */
function wordOffsets({ offsets, firsts, ends }: Pieces, text: string): Int32Array {
  const result = new Int32Array(2 * firsts.length);
  for (let word = 0; word < firsts.length; word++) {
    result[2 * word] = offsets[2 * firsts[word]];
    const next = word + 1 < firsts.length ? offsets[2 * firsts[word + 1]] : text.length;
    result[2 * word + 1] = endWithMarks(text, offsets[2 * ends[word] - 1], next);
  }
  return result;
}

function windowsOf(tokenizer: Tokenizer, pieces: Pieces, options: WindowOptions): SentenceWindow[] {
  const { size, stride } = checked(options);
  const spans = windowSpans(pieces.ids.length, size, stride);
  const chosen = windowOfWord(pieces, spans);
  const predicting = new Set(chosen);
  return spans.flatMap((span, window) =>
    predicting.has(window) ? [buildWindow(tokenizer, pieces, span, (word) => chosen[word] === window)] : [],
  );
}

function checked({ maxSeqLength, stride = Math.floor(maxSeqLength / 4) }: WindowOptions): {
  size: number;
  stride: number;
} {
  if (!Number.isInteger(maxSeqLength) || maxSeqLength < 3) {
    throw new InputError(
      `maximum length ${maxSeqLength}: expected a whole number of at least 3, [CLS], [SEP] and one piece`,
    );
  }
  const size = maxSeqLength - 2;
  if (!Number.isInteger(stride) || stride < 0 || stride >= size) {
    throw new UsageError(
      `docStride is ${stride}, expected a whole number from 0 to ${size - 1}: ` +
        `a window of ${maxSeqLength} tokens holds ${size} beside [CLS] and [SEP].`,
      ["docStride"],
    );
  }
  return { size, stride };
}

/** The window that predicts each word, -1 for a word without pieces; of equally good ones the first. */
function windowOfWord({ words, firsts, ends }: Pieces, spans: readonly Span[]): Int32Array {
  const chosen = new Int32Array(firsts.length).fill(-1);
  const best = new Int32Array(firsts.length).fill(-1);
  spans.forEach(([from, to], window) => {
    for (let i = from; i < to; i++) {
      const word = words[i];
      if (firsts[word] !== i) continue;
      // A window that holds the whole word comes before any that cuts it.
      const whole = ends[word] <= to ? to - from : 0;
      const context = whole + Math.min(i - from, to - 1 - i);
      if (context > best[word]) [best[word], chosen[word]] = [context, window];
    }
  });
  return chosen;
}

function buildWindow(
  { clsId, sepId }: Tokenizer,
  { ids, words, offsets, firsts }: Pieces,
  [from, to]: Span,
  predicts: (word: number) => boolean,
): SentenceWindow {
  const length = to - from + 2;
  const window: SentenceWindow = {
    inputIds: new Int32Array(length),
    firstPieces: new Int32Array(length).fill(-1),
    pieces: new Int32Array(length).fill(-1),
    offsets: new Int32Array(2 * length).fill(-1),
  };
  window.inputIds[0] = clsId;
  window.inputIds.set(ids.subarray(from, to), 1);
  window.inputIds[length - 1] = sepId;
  window.offsets.set(offsets.subarray(2 * from, 2 * to), 2);
  for (let i = from; i < to; i++) {
    if (!predicts(words[i])) continue;
    window.pieces[i - from + 1] = words[i];
    if (firsts[words[i]] === i) window.firstPieces[i - from + 1] = words[i];
  }
  return window;
}
