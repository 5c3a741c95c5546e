/** Spans of tokens to answers with probabilities, or none: the rules of transformers' utils_qa.py. */
import { endWithMarks } from "../../text/tokenizer/marks.ts";
import { type Candidate, DECODE_DEFAULTS, type SpanCandidates } from "./decode.ts";

export interface AnswerOptions {
  /** Answers in `nBest`; default 20. */
  nBest?: number;
  /**
   * "No answer" counts among the answers, and is the best where `scoreDiff` is more than this; transformers has 0.
   * Left out, every question is answered: data without unanswerable questions, or a softmax over the passage alone.
   */
  nullScoreDiffThreshold?: number;
}

/** Characters [start, end) of the passage, in UTF-16 units: `answer` is `context.slice(start, end)`. */
export interface Answer {
  /** Empty, from 0 to 0, for "no answer". */
  answer: string;
  start: number;
  end: number;
  /** Probability among `nBest`: a softmax over the sums of logits. */
  score: number;
}

export interface RankedAnswer extends Answer {
  startLogit: number;
  endLogit: number;
}

export interface Answers {
  /** The answer to give; with `nullScoreDiffThreshold` it may be none. */
  best: Answer;
  /** The best that is a span of the passage; where there is no span, no answer with score 0. */
  bestSpan: Answer;
  /**
   * Best first. With `nullScoreDiffThreshold`, "no answer" is one of them: among the `nBest` best, or behind them.
   */
  nBest: RankedAnswer[];
  /**
   * Score of no answer less that of the best span (0 where there is none): the entry in null_odds.json. Only with
   * `nullScoreDiffThreshold`.
   */
  scoreDiff?: number;
}

const NO_ANSWER: Readonly<Answer> = { answer: "", start: 0, end: 0, score: 0 };

/** Answers as the passage's own characters; `offsets` as in `EncodedQuestion`. */
export function answersOf(
  context: string,
  offsets: Int32Array,
  { candidates, noAnswer }: SpanCandidates,
  { nBest = DECODE_DEFAULTS.nBest, nullScoreDiffThreshold }: AnswerOptions = {},
): Answers {
  const spans = candidates.map((candidate) => placed(candidate, context, offsets));
  if (nullScoreDiffThreshold === undefined) {
    const ranked = withProbabilities(spans.slice(0, nBest));
    const bestSpan = ranked.length === 0 ? NO_ANSWER : withoutLogits(ranked[0]);
    return { best: bestSpan, bestSpan, nBest: ranked };
  }
  const { before, after } = aroundNone(spans, noAnswer.score, nBest);
  const ranked = withProbabilities([...before, { ...NO_ANSWER, ...noAnswer }, ...after]);
  const firstSpan = before.length > 0 ? 0 : 1;
  const bestSpan = firstSpan < ranked.length ? withoutLogits(ranked[firstSpan]) : NO_ANSWER;
  const scoreDiff = noAnswer.score - (spans.length === 0 ? 0 : spans[0].score);
  const best = scoreDiff > nullScoreDiffThreshold ? withoutLogits(ranked[before.length]) : bestSpan;
  return { best, bestSpan, nBest: ranked, scoreDiff };
}

/** A span's characters; `score` is still the sum of logits. */
function placed(
  { start, end, startLogit, endLogit, score }: Candidate,
  context: string,
  offsets: Int32Array,
): RankedAnswer {
  const from = offsets[2 * start];
  // The last token may have lost the marks on its last letter.
  const to = endWithMarks(context, offsets[2 * end + 1], offsets[2 * end + 2]);
  return { answer: context.slice(from, to), start: from, end: to, score, startLogit, endLogit };
}

/**
 * The spans before and after "no answer", which takes one of the `nBest` places where it is good enough and one more
 * where it is not. One span stays in any case.
 */
function aroundNone(spans: readonly RankedAnswer[], noAnswerScore: number, nBest: number) {
  const better = spans.filter(({ score }) => score >= noAnswerScore).length;
  const kept = better < nBest ? Math.max(1, nBest - 1) : nBest;
  return { before: spans.slice(0, Math.min(better, kept)), after: spans.slice(better, kept) };
}

/** Sums of logits become probabilities: their softmax. */
function withProbabilities(ranked: readonly RankedAnswer[]): RankedAnswer[] {
  const top = ranked.reduce((most, { score }) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const exponentials = ranked.map(({ score }) => Math.exp(score - top));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return ranked.map((answer, i) => ({ ...answer, score: exponentials[i] / sum }));
}

function withoutLogits({ answer, start, end, score }: RankedAnswer): Answer {
  return { answer, start, end, score };
}
