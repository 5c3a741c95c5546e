/** What questions about passages hold, in one pass over each file, before any training. */
import { type LineSample, type ProblemSample, sampleOf } from "./findings.ts";
import type { LengthReport } from "./lengths.ts";
import type { QuestionExample, QuestionFile, QuestionProblem } from "./questions/questions.ts";
import type { SurveyData } from "./survey-data.ts";
import { QuestionSurvey, type TokenizedQuestion } from "./survey-questions.ts";

export type QuestionsData = SurveyData<QuestionExample> & Pick<QuestionFile, "format" | "problems">;

export interface InspectQuestionsOptions {
  /** Read with optional answers: whatever is wrong with them is to be reported and no error. */
  train: QuestionsData;
  validation?: QuestionsData;
  /** Without it nothing is said of tokens. */
  tokenize?: (example: QuestionExample) => TokenizedQuestion;
  /** Tokens above which question and passage are split into windows; 0: no limit. Default 0. */
  maxLength?: number;
  /** Tokens above which an answer is never predicted; 0: no limit. Default 0. */
  maxAnswerLength?: number;
}

/** Plain data, ready for JSON. */
export interface QuestionsReport {
  task: "question-answering";
  train: QuestionsSplitReport;
  validation?: QuestionsValidationReport;
  /** Absent where each question has an answer. */
  baseline?: QuestionsBaseline;
}

export interface QuestionsSplitReport {
  name: string;
  /** How it was read, for people; absent for rows in memory. */
  layout?: string;
  /** What `line` and `first` count. */
  unit: "line" | "row" | "question";
  /** Questions. */
  rows: number;
  /** Distinct ones. */
  passages: number;
  answered: number;
  /** Questions of which the file says that the passage has no answer. */
  unanswerable: number;
  /** Questions of which the file says neither, or whose answers cannot be used; training refuses them. */
  withoutAnswers: LineSample;
  /** Of all questions together, and the most that one has. */
  answers: { count: number; most: number };
  answerWords?: LengthReport;
  /** Absent without a tokenizer, and so are the next three. */
  answerTokens?: LengthReport;
  questionTokens?: LengthReport;
  /** Tokens of question, passage and what is between them. */
  lengths?: LengthReport;
  /** That the model reads, and questions with more than one. */
  windows?: { count: number; split: number };
  /** Answers that are not where the file says, but elsewhere in their passage; `reason` says where. */
  misplaced: ProblemSample;
  /** Answers that are nowhere in their passage, or of another form than answers have. */
  unusable: ProblemSample;
  /** Questions that were asked of the same passage before. */
  duplicates: LineSample;
  /** Those among them with other answers than the first. */
  conflicts: LineSample;
}

export interface QuestionsValidationReport extends QuestionsSplitReport {
  /** Questions that train asks of the same passage; `first` counts train's. */
  inTrain: LineSample;
  /** Distinct passages that are in train. */
  passagesInTrain: LineSample;
}

/** What saying that no passage has an answer scores, on validation where there is one, else on train. */
export interface QuestionsBaseline {
  on: string;
  prediction: "";
  metric: "exact_match";
  value: number;
}

/** Reads both files once. Throws what the readers throw. */
export async function inspectQuestions(options: InspectQuestionsOptions): Promise<QuestionsReport> {
  const train = new QuestionSurvey(options.train);
  await train.read(options.tokenize);
  const report: QuestionsReport = {
    task: "question-answering",
    train: splitReport(options.train, train, options),
  };
  if (options.validation !== undefined) {
    const validation = new QuestionSurvey(options.validation, train.seen);
    await validation.read(options.tokenize);
    report.validation = {
      ...splitReport(options.validation, validation, options),
      inTrain: validation.inTrain.report,
      passagesInTrain: validation.passagesInTrain.report,
    };
  }
  const { name, answered, unanswerable } = report.validation ?? report.train;
  if (unanswerable > 0) {
    const value = unanswerable / (answered + unanswerable);
    report.baseline = { on: name, prediction: "", metric: "exact_match", value };
  }
  return report;
}

const UNITS = { squad: "question", jsonl: "line", rows: "row" } as const;

function splitReport(
  { name, layout, format, problems }: QuestionsData,
  survey: QuestionSurvey,
  { maxLength, maxAnswerLength }: InspectQuestionsOptions,
): QuestionsSplitReport {
  return {
    name,
    layout,
    unit: UNITS[format],
    rows: survey.questions,
    passages: survey.passages,
    answered: survey.answered,
    unanswerable: survey.unanswerable,
    withoutAnswers: survey.withoutAnswers.report,
    answers: { count: survey.answers, most: survey.mostAnswers },
    answerWords: survey.answerWords.report(),
    answerTokens: survey.answerTokens.report(maxAnswerLength),
    questionTokens: survey.questionTokens.report(),
    lengths: survey.tokens.report(maxLength),
    windows: survey.windows > 0 ? { count: survey.windows, split: survey.split } : undefined,
    misplaced: sampleOf(ofKind(problems, "moved")),
    unusable: sampleOf(ofKind(problems, "dropped")),
    duplicates: survey.duplicates.report,
    conflicts: survey.conflicts.report,
  };
}

function ofKind(problems: readonly QuestionProblem[], kind: QuestionProblem["kind"]): QuestionProblem[] {
  return problems.filter((problem) => problem.kind === kind);
}
