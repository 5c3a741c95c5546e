/**
 * Exact match and F1 of SQuAD v1.1 (Rajpurkar et al. 2016) and v2.0 (2018), equal to the evaluation script 2.0 and to
 * transformers' `squad_metrics`, as fractions where those give percentages.
 */
import { answerScores } from "./answers.ts";
import type { Metric } from "./metric.ts";
import { ratio } from "./metric.ts";

export interface AnswerPrediction {
  /** The answer's text; "" says that there is none. */
  text: string;
  /** The higher, the more likely there is no answer: a probability, or `null_odds`. Finite; default 0. */
  noAnswerScore?: number;
}

/** What is kept of a question. */
export interface QuestionScores {
  readonly hasAnswer: boolean;
  /** Of the text that was given, whatever the no-answer score says. */
  readonly exact: number;
  readonly f1: number;
  /** A text was given, not "". */
  readonly answered: boolean;
  readonly noAnswerScore: number;
}

export interface SquadMetric extends Metric<AnswerPrediction, readonly string[]> {
  /** The questions so far, in order. */
  questions(): QuestionScores[];
}

export interface SquadOptions {
  /** Adds the values of v2.0: HasAns, NoAns, best thresholds. Default false. */
  unanswerable?: boolean;
  /** A question whose no-answer score is above this counts as answered with "". Default: none is. */
  threshold?: number;
}

/**
 * `exact_match` and `f1`, the means over questions. A reference is the question's gold answers, empty where it has
 * none. With `unanswerable` also, for questions with and without answers, `HasAns_exact`, `HasAns_f1`, `HasAns_total`
 * and the same with `NoAns`, then `best_exact` and `best_f1`, the most that a threshold on the no-answer score
 * reaches, and `best_exact_thresh` and `best_f1_thresh`, the thresholds that do. These are right where the text given
 * is the best answer even if no answer is likelier: a text given as "" stays "" at every threshold.
 */
export function squad(options: SquadOptions = {}): SquadMetric {
  if (Number.isNaN(options.threshold)) throw new RangeError("squad: threshold: expected a number, got NaN");
  const questions: QuestionScores[] = [];

  return {
    update({ text, noAnswerScore = 0 }, golds) {
      if (!Number.isFinite(noAnswerScore)) {
        throw new RangeError(`squad: expected a finite no-answer score, got ${noAnswerScore}`);
      }
      const scores = answerScores(text, golds);
      questions.push({ hasAnswer: golds.length > 0, ...scores, answered: text !== "", noAnswerScore });
    },
    merge(other) {
      for (const question of other.questions()) questions.push(question);
    },
    questions: () => [...questions],
    compute: () => new ScoredQuestions(questions, options).metrics(),
  };
}

/** Questions whose metrics are asked for with other weights again and again. */
export class ScoredQuestions {
  readonly #questions: readonly QuestionScores[];
  readonly #decided: readonly QuestionScores[];
  readonly #unanswerable: boolean;
  /** Numbers of the questions, the likeliest to have an answer first. */
  readonly #byScore: Uint32Array;

  constructor(questions: readonly QuestionScores[], options: SquadOptions) {
    const { unanswerable = false, threshold = Number.POSITIVE_INFINITY } = options;
    this.#questions = questions;
    this.#unanswerable = unanswerable;
    this.#decided = questions.map((question) => decide(question, threshold));
    this.#byScore = Uint32Array.from(questions.keys()).sort(
      (i, j) => questions[i].noAnswerScore - questions[j].noAnswerScore,
    );
  }

  /** The values of `compute`; `weights`: how often each question counts, default once. */
  metrics(weights?: ArrayLike<number>): Record<string, number> {
    const weightOf = (i: number) => weights?.[i] ?? 1;
    const { exact: exact_match, f1 } = this.#means(weightOf);
    if (!this.#unanswerable) return { exact_match, f1 };
    const among = (answerable: boolean) => (i: number) =>
      this.#questions[i].hasAnswer === answerable ? weightOf(i) : 0;
    const exact = this.#bestThreshold(weightOf, "exact");
    const best = this.#bestThreshold(weightOf, "f1");
    return {
      exact_match,
      f1,
      ...named("HasAns", this.#means(among(true))),
      ...named("NoAns", this.#means(among(false))),
      ...{ best_exact: exact.best, best_exact_thresh: exact.threshold },
      ...{ best_f1: best.best, best_f1_thresh: best.threshold },
    };
  }

  #means(weightOf: (i: number) => number): Means {
    const sums = { exact: 0, f1: 0, total: 0 };
    this.#decided.forEach(({ exact, f1 }, i) => {
      const weight = weightOf(i);
      sums.exact += weight * exact;
      sums.f1 += weight * f1;
      sums.total += weight;
    });
    const { exact, f1, total } = sums;
    return { exact: ratio(exact, total), f1: ratio(f1, total), total };
  }

  /**
   * The script's `find_best_thresh`: from "no question is answered" (threshold 0 in its result) upwards, one more
   * question is answered a step. Questions with the same score are steps of their own there, so here too.
   */
  #bestThreshold(weightOf: (i: number) => number, name: "exact" | "f1"): { best: number; threshold: number } {
    const sums = { total: 0, withoutAnswer: 0 };
    this.#questions.forEach(({ hasAnswer }, i) => {
      sums.total += weightOf(i);
      if (!hasAnswer) sums.withoutAnswer += weightOf(i);
    });
    let current = sums.withoutAnswer;
    let best = current;
    let threshold = 0;
    for (const i of this.#byScore) {
      const question = this.#questions[i];
      if (question.hasAnswer) current += weightOf(i) * question[name];
      else if (question.answered) current -= weightOf(i);
      if (current > best) [best, threshold] = [current, question.noAnswerScore];
    }
    return { best: ratio(best, sums.total), threshold };
  }
}

/** The question with its scores at a threshold: above it the answer is "", right where there is none. */
function decide(question: QuestionScores, threshold: number): QuestionScores {
  if (question.noAnswerScore <= threshold) return question;
  const right = question.hasAnswer ? 0 : 1;
  return { ...question, exact: right, f1: right };
}

interface Means {
  exact: number;
  f1: number;
  total: number;
}

function named(group: "HasAns" | "NoAns", { exact, f1, total }: Means): Record<string, number> {
  return { [`${group}_exact`]: exact, [`${group}_f1`]: f1, [`${group}_total`]: total };
}
