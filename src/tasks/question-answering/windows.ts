/**
 * A question and a passage as overlapping windows `[CLS] question [SEP] passage part [SEP]`, and where an answer
 * stands in them. Windows are those of transformers' run_qa.py (`truncation="only_second"`, `stride`,
 * `return_overflowing_tokens`); the answer's tokens as there, where the answer begins and ends within tokens.
 */
import type { Tokenizer } from "../../text/tokenizer/tokenizer.ts";
import { windowSpans } from "../../text/tokenizer/truncation.ts";
import { InputError, UsageError } from "../../util/errors.ts";

/** All lengths in tokens. */
export interface WindowOptions {
  /** Most tokens of a window, special ones included; default 384. */
  maxSeqLength: number;
  /** Tokens that a window shares with the one before; default 128. Half the room where it is no less than the room. */
  docStride: number;
  /**
   * In its place, original BERT's meaning: tokens from one window's start to the next one's, at most the room, so
   * that none is passed over.
   */
  docStep?: number;
  /** Pieces to which a longer question is cut; default 64. */
  maxQuestionLength: number;
}

export const WINDOW_DEFAULTS: Readonly<WindowOptions> = {
  maxSeqLength: 384,
  docStride: 128,
  maxQuestionLength: 64,
};

/** The options with a default for each that is not given. */
export function windowOptions({
  maxSeqLength,
  docStride,
  docStep,
  maxQuestionLength,
}: Partial<WindowOptions>): WindowOptions {
  return {
    maxSeqLength: maxSeqLength ?? WINDOW_DEFAULTS.maxSeqLength,
    docStride: docStride ?? WINDOW_DEFAULTS.docStride,
    docStep,
    maxQuestionLength: maxQuestionLength ?? WINDOW_DEFAULTS.maxQuestionLength,
  };
}

/** One window: ids of the whole, and which of the passage's tokens it holds. */
export interface QuestionWindow {
  inputIds: Int32Array;
  /** Tokens of `[CLS] question [SEP]`, segment 0. */
  firstLength: number;
  /** The passage's token that stands at position `firstLength`. */
  firstToken: number;
}

/** A passage's tokens, the same for all its questions. */
export interface EncodedPassage {
  /** Without special tokens. */
  inputIds: Int32Array;
  /** `[start, end)` of each token in the passage's UTF-16 units, flat `[2 * n]`. */
  offsets: Int32Array;
}

export interface EncodedQuestion {
  /** At least one; a passage without tokens has a window without any. */
  windows: QuestionWindow[];
  /** The passage's, see `EncodedPassage`. */
  offsets: Int32Array;
  questionTruncated: boolean;
}

/** Checks the numbers before any text is there. Throws `UsageError`. */
export function checkWindowOptions(options: WindowOptions): void {
  const { maxSeqLength, docStride, docStep = 1, maxQuestionLength } = options;
  // [CLS], two [SEP], and a token of the question and of the passage each.
  checkWhole("--max-seq-length", maxSeqLength, 5);
  checkWhole("--doc-stride", docStride, 0);
  checkWhole("--doc-step", docStep, 1);
  checkWhole("--max-question-length", maxQuestionLength, 1);
}

function checkWhole(option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new UsageError(`${option} ${value}: give a whole number of tokens, at least ${least}.`);
}

export function encodePassage(tokenizer: Tokenizer, context: string): EncodedPassage {
  const { inputIds, offsets } = tokenizer.encode(context);
  return { inputIds: inputIds.subarray(1, -1), offsets: offsets.subarray(2, -2) };
}

/**
 * The windows of one question. White space around the question makes no tokens and needs no stripping.
 * Throws `InputError` where the question leaves no room for a token of the passage.
 */
export function encodeQuestion(
  tokenizer: Tokenizer,
  question: string,
  context: string | EncodedPassage,
  options: WindowOptions,
): EncodedQuestion {
  const passage = typeof context === "string" ? encodePassage(tokenizer, context) : context;
  const { maxSeqLength, maxQuestionLength } = options;
  // The limit counts [CLS] and [SEP].
  const first = tokenizer.encodeIds(question, undefined, { maxLength: maxQuestionLength + 2 });
  const room = maxSeqLength - first.inputIds.length - 1;
  if (room < 1) throw noRoom(first.inputIds.length - 2, maxSeqLength);
  const spans = windowSpans(passage.inputIds.length, room, overlapOf(room, options));
  return {
    windows: spans.map(([from, to]) => ({
      inputIds: joined(first.inputIds, passage.inputIds.subarray(from, to), tokenizer.sepId),
      firstLength: first.inputIds.length,
      firstToken: from,
    })),
    offsets: passage.offsets,
    questionTruncated: first.truncated,
  };
}

/** Tokens that neighbours share where `room` of the passage fit into a window; always less than `room`. */
function overlapOf(room: number, { docStride, docStep }: WindowOptions): number {
  if (docStep !== undefined) return Math.max(0, room - docStep);
  return docStride < room ? docStride : Math.floor(room / 2);
}

function joined(first: Int32Array, second: Int32Array, sepId: number): Int32Array {
  const ids = new Int32Array(first.length + second.length + 1).fill(sepId);
  ids.set(first);
  ids.set(second, first.length);
  return ids;
}

function noRoom(questionTokens: number, maxSeqLength: number): InputError {
  return new InputError(
    `maximum length ${maxSeqLength}: a question of ${questionTokens} tokens and 3 special tokens leave no room ` +
      "for the passage.\nChoose a larger --max-seq-length or a shorter question, in training by --max-question-length.",
  );
}

/**
 * Positions `[start, end]` in the window, both inclusive, of the tokens that the answer `[from, to)` (UTF-16 units of
 * the passage) touches; undefined where the window lacks any of them, or where there are none (white space alone).
 */
export function answerPositions(
  { inputIds, firstLength, firstToken }: QuestionWindow,
  offsets: Int32Array,
  from: number,
  to: number,
): [start: number, end: number] | undefined {
  // False for a token that is not there: it has no offsets.
  const touched = (token: number) => offsets[2 * token] < to && offsets[2 * token + 1] > from;
  const lastToken = firstToken + inputIds.length - firstLength - 2;
  let start = firstToken;
  while (start <= lastToken && !touched(start)) start++;
  let end = lastToken;
  while (end >= start && !touched(end)) end--;
  if (start > end || touched(firstToken - 1) || touched(lastToken + 1)) return undefined;
  return [firstLength + start - firstToken, firstLength + end - firstToken];
}
