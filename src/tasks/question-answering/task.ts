/**
 * Extractive question answering: one dense layer gives each token a score as the answer's start and one as its end, as
 * transformers' `BertForQuestionAnswering`. The softmax goes over all positions of a window, `[CLS]` standing for "no
 * answer" (Devlin et al. 2019, section 4.3), or over the passage's tokens alone (section 4.2).
 * Letters: B windows, S the longest one, T tokens of the batch.
 */
import type { Tensor } from "../../engine/graph/graph.ts";
import { add, mul, neg } from "../../engine/ops/elementwise.ts";
import { gatherRows } from "../../engine/ops/gather-rows.ts";
import { transpose } from "../../engine/ops/movement.ts";
import { reduceSum } from "../../engine/ops/reduce.ts";
import { logSoftmax } from "../../engine/ops/softmax.ts";
import { linear } from "../../model/layers.ts";
import type { PackedInputs } from "../../model/packed-inputs.ts";
import { squad } from "../../text/metrics/squad.ts";
import type { Features } from "../features.ts";
import { crossEntropyAt, type RowLoss } from "../row-loss.ts";
import type { Evaluation, Task, TaskData } from "../task.ts";
import { type Answers, answersOf } from "./answers.ts";
import { AnswerCollector, DECODE_DEFAULTS, type DecodeOptions, windowCandidates } from "./decode.ts";
import type { QuestionWindow } from "./windows.ts";

export type AnswerSoftmax = "passage" | "all";

export interface QuestionAnsweringOptions {
  /** What the scores compete with. Default `all`. */
  answerSoftmax?: AnswerSoftmax;
  /** Whether a question may have no answer. Default false. */
  noAnswers?: boolean;
  /** No answer where its score is above the best span's by more than this. Default 0. */
  nullScoreDiffThreshold?: number;
  /** Most tokens of an answer. Default 30. */
  maxAnswerLength?: number;
  /** Answers that are ranked. Default 20. */
  nBest?: number;
}

export interface QuestionAnswering extends Task<QuestionData> {
  readonly options: Required<QuestionAnsweringOptions>;
  /** `onAnswers` is given each question's answers once its last window is there, in the order in which that happens. */
  evaluation(data: QuestionData, onAnswers?: OnAnswers): Evaluation;
}

type OnAnswers = (question: number, answers: Answers) => void;

/** A question as decoding needs it. */
export interface DecodableQuestion {
  readonly id: string;
  readonly context: string;
  /** `[start, end)` of each of the passage's tokens, flat. */
  readonly offsets: Int32Array;
  /** Answers of people; none where there is no answer. */
  readonly answers: readonly string[];
}

/**
 * Windows over passages. A row's label is the answer's start and end position in it, -1 and -1 without supervision. Of
 * rows that are only trained on, the other fields are empty.
 */
export interface QuestionData extends TaskData {
  readonly questions: readonly DecodableQuestion[];
  /** A row: the number of its question. */
  readonly questionOf: ArrayLike<number>;
  /** A row: the passage's token at the first position after the question. */
  readonly firstTokens: ArrayLike<number>;
}

/** Added to the score of a position that is no answer: exp of it is 0 in float32 whatever the score. */
const EXCLUDED = -1e9;

export function questionAnswering(given: QuestionAnsweringOptions = {}): QuestionAnswering {
  const {
    answerSoftmax = "all",
    noAnswers = false,
    nullScoreDiffThreshold = 0,
    maxAnswerLength = DECODE_DEFAULTS.maxAnswerLength,
    nBest = DECODE_DEFAULTS.nBest,
  } = given;
  const options = { answerSoftmax, noAnswers, nullScoreDiffThreshold, maxAnswerLength, nBest };
  const passageOnly = answerSoftmax === "passage";
  return {
    tag: "question-answering",
    architecture: "BertForQuestionAnswering",
    reads: "all",
    logitsDims: ["T", 2],
    targets: { answer: ["B", 2, "S"], position_bias: ["B", 1, "S"] },
    labelWidth: 2,
    options,
    // With a threshold of its own, which is the one that is saved.
    bestMetric: noAnswers ? "best_f1" : "f1",
    head: (p, { hidden }) => linear(p.at("qa_outputs"), hidden, 2), // [T, 2]
    loss: (logits, { answer, position_bias }, inputs) => spanLoss(logits, answer, position_bias, inputs),
    lossCount: (features, rows) => 2 * supervised(features, rows),
    rowLoss: (features, row, logits) => rowLoss(features, row, { logits, passageOnly }),
    writeTargets: (features, rows, { answer, position_bias }) =>
      writeTargets(features, rows, { answer, bias: position_bias, passageOnly }),
    trivialAnswer: () => (length) => {
      // The same place in every window: `[CLS]`, which is no answer where that may be one.
      const logits = new Float32Array(2 * length);
      logits.fill(1, 0, 2);
      return logits;
    },
    evaluation: (data, onAnswers) => evaluation(options, data, onAnswers),
    configFields: (metrics) => configFields(options, metrics),
  };
}

/** - sum over start and end of log softmax at the answer: `logits [T, 2]`, `answer [B, 2, S]`, `bias [B, 1, S]`. */
function spanLoss(logits: Tensor, answer: Tensor, bias: Tensor, inputs: PackedInputs): Tensor {
  const grid = gatherRows(logits, inputs.grid, inputs.slots); // [B, S, 2]
  const scores = add(transpose(grid, [0, 2, 1]), bias); // [B, 2, S]
  return neg(reduceSum(mul(answer, logSoftmax(scores))));
}

function supervised(features: Features, rows: ArrayLike<number>): number {
  let count = 0;
  for (let b = 0; b < rows.length; b++) if (features.label(rows[b])[0] >= 0) count++;
  return count;
}

function writeTargets(
  features: Features,
  rows: ArrayLike<number>,
  { answer, bias, passageOnly }: { answer: Float32Array; bias: Float32Array; passageOnly: boolean },
): void {
  const S = bias.length / rows.length;
  answer.fill(0);
  bias.fill(EXCLUDED);
  for (let b = 0; b < rows.length; b++) {
    const [start, end] = features.label(rows[b]);
    if (start >= 0) {
      answer[2 * b * S + start] = 1;
      answer[(2 * b + 1) * S + end] = 1;
    }
    const [from, to] = positionsOf(features, rows[b], passageOnly);
    bias.fill(0, b * S + from, b * S + to);
  }
}

/** The positions [from, to) that a window's softmax goes over. */
function positionsOf(features: Features, row: number, passageOnly: boolean): readonly [number, number] {
  const length = features.length(row);
  // The closing [SEP] is no token of the passage.
  return passageOnly ? [features.firstLength(row), length - 1] : [0, length];
}

/** Of the start and the end of a window that has the answer; `logits [n, 2]`. */
function rowLoss(
  features: Features,
  row: number,
  { logits, passageOnly }: { logits: Float32Array; passageOnly: boolean },
): RowLoss {
  const answer = features.label(row);
  if (answer[0] < 0) return { sum: 0, count: 0 };
  const positions = positionsOf(features, row, passageOnly);
  const losses = [0, 1].map((side) => {
    const scores = logits.filter((_, i) => i % 2 === side);
    return crossEntropyAt(scores, answer[side], positions);
  });
  return { sum: losses[0] + losses[1], count: 2 };
}

function collectAnswers(
  options: Required<QuestionAnsweringOptions>,
  { questions, questionOf, firstTokens, features }: QuestionData,
  onAnswers: OnAnswers,
): Pick<Evaluation, "update"> {
  const left = new Uint32Array(questions.length);
  for (let row = 0; row < features.rows; row++) left[questionOf[row]]++;
  const open = new Map<number, AnswerCollector>();
  return {
    update: (row, logits) => {
      const question = questionOf[row];
      const collector = open.get(question) ?? new AnswerCollector(options);
      open.set(question, collector);
      const window: Pick<QuestionWindow, "firstLength" | "firstToken"> = {
        firstLength: features.firstLength(row),
        firstToken: firstTokens[row],
      };
      collector.add(windowCandidates(logits, window, options satisfies DecodeOptions));
      if (--left[question] > 0) return;
      open.delete(question);
      const { context, offsets } = questions[question];
      const { nBest, noAnswers, nullScoreDiffThreshold } = options;
      const threshold = noAnswers ? nullScoreDiffThreshold : undefined;
      onAnswers(
        question,
        answersOf(context, offsets, collector.finish(), { nBest, nullScoreDiffThreshold: threshold }),
      );
    },
  };
}

function evaluation(
  options: Required<QuestionAnsweringOptions>,
  data: QuestionData,
  onAnswers?: OnAnswers,
): Evaluation {
  const { noAnswers, nullScoreDiffThreshold } = options;
  const metric = squad(noAnswers ? { unanswerable: true, threshold: nullScoreDiffThreshold } : {});
  const taker = collectAnswers(options, data, (question, answers) => {
    const { bestSpan, scoreDiff } = answers;
    metric.update({ text: bestSpan.answer, noAnswerScore: scoreDiff }, data.questions[question].answers);
    onAnswers?.(question, answers);
  });
  return { update: (row, logits) => taker.update(row, logits), compute: () => metric.compute() };
}

/** Below any difference of scores: no question is answered. */
const NEVER_ANSWER = -1e9;

/**
 * The threshold that was best on the validation rows, where there were any. Where no threshold is better than leaving
 * every question without an answer, SQuAD's script says 0, which is a threshold like others and answers some.
 */
function bestThreshold(metrics: Readonly<Record<string, number>>): number | undefined {
  const { best_f1, best_f1_thresh, HasAns_total, NoAns_total } = metrics;
  const isNever = best_f1_thresh === 0 && best_f1 === NoAns_total / (HasAns_total + NoAns_total);
  return isNever ? NEVER_ANSWER : best_f1_thresh;
}

function configFields(
  options: Required<QuestionAnsweringOptions>,
  metrics: Readonly<Record<string, number>>,
) {
  return {
    bertwright: {
      task: "question-answering",
      answer_softmax: options.answerSoftmax,
      no_answers: options.noAnswers,
      null_score_diff_threshold: bestThreshold(metrics) ?? options.nullScoreDiffThreshold,
      max_answer_length: options.maxAnswerLength,
    },
  };
}
