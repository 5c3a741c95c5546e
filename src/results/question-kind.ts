/** Lines of question answering: a question with its passage, the answers of people and the one that was found. */
import type { AnswerPrediction } from "../inference/options.ts";
import type { QuestionAnswering, QuestionData } from "../tasks/question-answering/task.ts";
import { answerScores } from "../text/metrics/answers.ts";
import { ScoredQuestions, squad } from "../text/metrics/squad.ts";
import type { Dataset } from "../training/dataset.ts";
import type { QuestionRow } from "../training/options.ts";
import type { LineKind, MetricCollector } from "./line-kind.ts";
import type { QuestionFields } from "./lines.ts";
import type { Mistake } from "./mistakes.ts";

/** Of two answers one at least is a span. */
const ANSWERS = 2;

export function questionKind({ options }: QuestionAnswering): LineKind<"question-answering"> {
  const { noAnswers, nullScoreDiffThreshold } = options;
  return {
    predict: { topK: ANSWERS },
    fields: (row, prediction, data, example) => {
      const { question, context } = row as QuestionRow;
      const { id, answers: gold } = (data as Dataset & QuestionData).questions[example];
      const { exact, f1 } = answerScores(prediction.answer, gold);
      return {
        id,
        question,
        context,
        gold,
        prediction: { ...prediction, id },
        exact,
        f1,
        correct: exact === 1,
      };
    },
    collector: () => {
      const scored = noAnswers ? { unanswerable: true, threshold: nullScoreDiffThreshold } : {};
      return collector(scored);
    },
    mistakes: mistakesOf,
    cells: ({ question, context, gold, prediction }) => ({
      row: { question, context },
      gold: gold.join(" | "),
      predicted: prediction.answer,
      score: prediction.score,
    }),
  };
}

function mistakesOf({ gold, prediction, correct, f1 }: QuestionFields): Mistake[] {
  if (correct) return [];
  if (gold.length === 0) return [["no answer", "an answer"]];
  if (prediction.answer === "") return [["an answer", "no answer"]];
  return [["an answer", f1 > 0 ? "other words around or in it" : "another answer"]];
}

function collector(options: {
  unanswerable?: boolean;
  threshold?: number;
}): MetricCollector<"question-answering"> {
  const metric = squad(options);
  return {
    add: ({ gold, prediction }) =>
      metric.update({ text: bestSpan(prediction).answer, noAnswerScore: prediction.scoreDiff }, gold),
    finish: () => new ScoredQuestions(metric.questions(), options),
  };
}

/** The answer whatever the score of none; none where there is no span at all. */
function bestSpan(prediction: QuestionFields["prediction"]): AnswerPrediction {
  return prediction.top?.find(({ answer }) => answer !== "") ?? prediction;
}
