/** What questions about passages hold, in plain lines. */
import type {
  QuestionsBaseline,
  QuestionsReport,
  QuestionsSplitReport,
  QuestionsValidationReport,
} from "./inspect-questions.ts";
import {
  amongThem,
  layoutLines,
  lengthLines,
  lineList,
  plural,
  problemLines,
  them,
  whole,
} from "./report-lines.ts";

export function questionLines({ train, validation, baseline }: QuestionsReport): string[] {
  return [
    ...splitLines(train),
    ...(validation === undefined ? [] : splitLines(validation)),
    ...(baseline === undefined ? [] : [describeBaseline(baseline)]),
    ...splitWarnings(train),
    ...(validation === undefined ? [] : validationWarnings(validation, train.name)),
  ];
}

function splitLines(split: QuestionsSplitReport): string[] {
  const { name, rows, passages, windows } = split;
  return [
    `${name}: ${plural(rows, "question")}, ${plural(passages, "passage")}`,
    ...layoutLines(split),
    `  ${answersOf(split)}`,
    ...lengthLines({
      "words an answer": split.answerWords,
      "tokens an answer": split.answerTokens,
      "tokens a question": split.questionTokens,
      "tokens with the passage": split.lengths,
    }),
    ...(windows === undefined ? [] : [`  ${windowsOf(windows, split)}`]),
  ];
}

function answersOf({ answered, unanswerable, withoutAnswers, answers }: QuestionsSplitReport): string {
  const parts = [`${whole(answered)} with an answer`];
  if (unanswerable > 0) parts.push(`${whole(unanswerable)} without, as the file says`);
  if (withoutAnswers.rows > 0) parts.push(`${whole(withoutAnswers.rows)} where it gives none`);
  if (answers.count > answered)
    parts.push(`${whole(answers.count)} answers, up to ${answers.most} a question`);
  return parts.join("; ");
}

function windowsOf(
  { count, split }: { count: number; split: number },
  { lengths }: QuestionsSplitReport,
): string {
  const limit = lengths?.exceeding?.limit;
  const size = limit === undefined ? "" : ` of up to ${whole(limit)} tokens`;
  return `${plural(count, "window")}${size}, several for ${plural(split, "question")}`;
}

function describeBaseline({ on, value }: QuestionsBaseline): string {
  return `Baseline: always no answer has exact match and f1 ${value.toFixed(4)} on ${on}.`;
}

function splitWarnings(split: QuestionsSplitReport): string[] {
  const { name, unit, withoutAnswers, answerTokens, misplaced, unusable, duplicates, conflicts } = split;
  const warnings: string[] = [];
  if (unusable.count > 0)
    warnings.push(
      `${name}: ${plural(unusable.count, "answer")} that cannot be used; correct ${them(unusable.count)} or leave the ${unusable.count === 1 ? "question" : "questions"} out:`,
      ...problemLines(unusable.count, reasons(unusable)),
    );
  if (misplaced.count > 0)
    warnings.push(
      `${name}: ${plural(misplaced.count, "answer")} not where the file says; --fix-answer-offsets moves ${them(misplaced.count)}:`,
      ...problemLines(misplaced.count, reasons(misplaced)),
    );
  if (withoutAnswers.rows > 0)
    warnings.push(
      `${name}: ${plural(withoutAnswers.rows, "question")} with neither an answer nor the word that there is none (${lineList(withoutAnswers, unit)}).`,
    );
  const long = answerTokens?.exceeding;
  if (long !== undefined && long.rows > 0)
    warnings.push(
      `${name}: ${plural(long.rows, "answer")} longer than ${plural(long.limit, "token")}, which is the longest that is predicted (--max-answer-length).`,
    );
  if (duplicates.rows > 0) {
    const other = amongThem(duplicates.rows, conflicts, "other answers", unit);
    warnings.push(
      `${name}: ${plural(duplicates.rows, "question")} asked of the same passage before (${lineList(duplicates, unit)})${other}.`,
    );
  }
  return warnings;
}

function reasons({ examples }: QuestionsSplitReport["misplaced"]): string[] {
  return examples.map(({ reason }) => reason);
}

function validationWarnings(validation: QuestionsValidationReport, train: string): string[] {
  const { name, unit, inTrain, passagesInTrain } = validation;
  const warnings = splitWarnings(validation);
  if (inTrain.rows > 0)
    warnings.push(
      `${name}: ${plural(inTrain.rows, "question")} also in ${train}, with the passage (${lineList(inTrain, unit)}).`,
    );
  if (passagesInTrain.rows > 0)
    warnings.push(
      `${name}: ${plural(passagesInTrain.rows, "passage")} also in ${train} (${lineList(passagesInTrain, unit)}).`,
    );
  return warnings;
}
