/**
 * From start and end scores to spans: the best `s_i + e_j`, i <= j, over all windows of a passage, and the score of
 * no answer, `[CLS]` as start and end (Devlin et al. 2019, sections 4.2 and 4.3). As transformers' utils_qa.py, with
 * two differences: the search is exact, where that one pairs the 20 best starts with the 20 best ends, and a span
 * that several windows hold is listed once.
 */
import type { QuestionWindow } from "./windows.ts";

export interface DecodeOptions {
  /** Most tokens of an answer; default 30. */
  maxAnswerLength: number;
  /** Answers that are kept; default 20. */
  nBest: number;
}

export const DECODE_DEFAULTS: Readonly<DecodeOptions> = { maxAnswerLength: 30, nBest: 20 };

/** `score` is the sum of the two logits. */
export interface SpanScore {
  startLogit: number;
  endLogit: number;
  score: number;
}

/** Tokens [start, end] of the passage, both inclusive. */
export interface Candidate extends SpanScore {
  start: number;
  end: number;
}

/** What is kept of a window, or of all windows of a question. */
export interface SpanCandidates {
  /** Best first, at most `nBest`, no span twice; of equal scores the earlier start, then the shorter. */
  candidates: Candidate[];
  /** Both logits of `[CLS]`. Without meaning in a model whose softmax went over the passage alone. */
  noAnswer: SpanScore;
}

/**
 * The best spans of one window by exact search, O(passage tokens x `maxAnswerLength`).
 * `logits` are `[length, 2]`: start and end of each token, special tokens and question included. A NaN is no span.
 */
export function windowCandidates(
  logits: Float32Array,
  { firstLength, firstToken }: Pick<QuestionWindow, "firstLength" | "firstToken">,
  { maxAnswerLength, nBest }: DecodeOptions = DECODE_DEFAULTS,
): SpanCandidates {
  const candidates: Candidate[] = [];
  const shift = firstToken - firstLength;
  const sep = logits.length / 2 - 1;
  let least = Number.NEGATIVE_INFINITY;
  for (let i = firstLength; i < sep; i++) {
    const startLogit = logits[2 * i];
    const last = Math.min(i + maxAnswerLength, sep);
    for (let j = i; j < last; j++) {
      const score = startLogit + logits[2 * j + 1];
      if (!(score > least)) continue;
      insert(candidates, {
        start: i + shift,
        end: j + shift,
        startLogit,
        endLogit: logits[2 * j + 1],
        score,
      });
      if (candidates.length > nBest) candidates.pop();
      if (candidates.length === nBest) least = candidates[nBest - 1].score;
    }
  }
  const [startLogit, endLogit] = logits;
  return { candidates, noAnswer: { startLogit, endLogit, score: startLogit + endLogit } };
}

/** Inserts behind all that are as good, which keeps the order in which the search met them. */
function insert(candidates: Candidate[], candidate: Candidate): void {
  let low = 0;
  let high = candidates.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (candidates[middle].score >= candidate.score) low = middle + 1;
    else high = middle;
  }
  candidates.splice(low, 0, candidate);
}

/** Merges the windows of one question, in any order; holds no more than `nBest` spans. */
export class AnswerCollector {
  readonly #nBest: number;
  #candidates: Candidate[] = [];
  #noAnswer: SpanScore | undefined;

  constructor({ nBest }: Pick<DecodeOptions, "nBest"> = DECODE_DEFAULTS) {
    this.#nBest = nBest;
  }

  add({ candidates, noAnswer }: SpanCandidates): void {
    const bySpan = new Map<string, Candidate>();
    for (const candidate of [...this.#candidates, ...candidates]) {
      const key = `${candidate.start} ${candidate.end}`;
      const other = bySpan.get(key);
      if (other === undefined || candidate.score > other.score) bySpan.set(key, candidate);
    }
    this.#candidates = [...bySpan.values()].sort(betterFirst).slice(0, this.#nBest);
    if (this.#noAnswer === undefined || noAnswer.score < this.#noAnswer.score) this.#noAnswer = noAnswer;
  }

  /** The best spans, and the smallest score of no answer over the windows: one sure window is enough. */
  finish(): SpanCandidates {
    if (this.#noAnswer === undefined) throw new Error("internal: a question without windows");
    return { candidates: this.#candidates, noAnswer: this.#noAnswer };
  }
}

function betterFirst(a: Candidate, b: Candidate): number {
  return b.score - a.score || a.start - b.start || a.end - b.end;
}
