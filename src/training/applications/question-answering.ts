/** Question answering: what training and inference need to know of it. */
import {
  type AnswerSoftmax,
  type QuestionAnswering,
  questionAnswering,
} from "../../tasks/question-answering/task.ts";
import { WINDOW_DEFAULTS } from "../../tasks/question-answering/windows.ts";
import { UsageError } from "../../util/errors.ts";
import { passageKeys, type QuestionDataset, readQuestionData } from "../question-data.ts";
import type { Application } from "./application.ts";

/** The start and the end of an answer among the tokens of its passage: harder than a class, and learned as eight. */
const ANSWER_CLASSES = 8;

/** Our own fields in config.json. */
interface OwnFields {
  answer_softmax?: AnswerSoftmax;
  no_answers?: boolean;
  null_score_diff_threshold?: number;
  max_answer_length?: number;
}

const DEFAULTS = {
  maxQuestionLength: WINDOW_DEFAULTS.maxQuestionLength,
  answerSoftmax: "all" as const,
  maxAnswerLength: 30,
};

export const questionAnsweringApplication: Application<QuestionAnswering, QuestionDataset> = {
  tag: "question-answering",
  // Half a step's rows are work enough for a processor and take little more than half of the memory.
  standards: { maxSeqLength: 384, batchSize: 16, microBatches: 2, epochs: 2, sampling: "group_by_length" },
  defaults: DEFAULTS,
  rowKeys: passageKeys,
  read: (input, options, known) => readQuestionData(input, { ...options, known: known?.options }),
  task: (options, { noAnswers }) => {
    const { answerSoftmax = DEFAULTS.answerSoftmax, maxAnswerLength = DEFAULTS.maxAnswerLength } = options;
    return questionAnswering({ answerSoftmax, noAnswers, maxAnswerLength });
  },
  difficulty: () => ({ classes: ANSWER_CLASSES, what: "answers in passages" }),
  fromConfig: (folder, json, { nullScoreDiffThreshold, maxAnswerLength, nBest }) => {
    const own = (json.bertwright ?? {}) as OwnFields;
    if (nullScoreDiffThreshold !== undefined && own.answer_softmax === "passage") {
      throw new UsageError(
        `nullScoreDiffThreshold has no meaning for ${folder}: its softmax goes over the passage alone, without a score of no answer.`,
        ["nullScoreDiffThreshold"],
      );
    }
    return questionAnswering({
      answerSoftmax: own.answer_softmax,
      // A threshold that is asked for says that there may be no answer.
      noAnswers: nullScoreDiffThreshold !== undefined || own.no_answers,
      nullScoreDiffThreshold: nullScoreDiffThreshold ?? own.null_score_diff_threshold,
      maxAnswerLength: maxAnswerLength ?? own.max_answer_length,
      nBest,
    });
  },
};
