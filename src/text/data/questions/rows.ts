/** Rows with a question, a passage and answers (JSONL, Parquet, objects in memory): which column is which, and its value. */
import { InputError } from "../../../util/errors.ts";
import { find, type KnownNames, nameKey, pick } from "../columns.ts";
import { show, showList } from "../show.ts";
import { rawAnswers, typeName } from "./answers.ts";
import type { QuestionReadOptions, RawQuestion } from "./question.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Names of the columns. */
export interface QuestionColumns {
  question: string;
  context: string;
  answers?: string;
  /** The offset, where `answers` holds a text. */
  start?: string;
  id?: string;
  isImpossible?: string;
}

/** By the spelling of SQuAD and its relatives on the Hub; see `KnownNames`. */
const KNOWN: Record<keyof QuestionColumns, KnownNames> = {
  question: { first: ["question"], lone: ["query"] },
  context: { first: ["context", "passage", "paragraph"], lone: ["document", "text"] },
  answers: { first: ["answers", "answer", "answertext"], lone: [] },
  start: { first: ["answerstart"], lone: ["start", "answeroffset"] },
  id: { first: ["id", "questionid", "qid"], lone: [] },
  isImpossible: { first: ["isimpossible"], lone: [] },
};

/** Throws `InputError` where question or passage, or answers that are required, cannot be told among `names`. */
export function chooseQuestionColumns(
  file: string,
  names: readonly string[],
  options: QuestionReadOptions,
): QuestionColumns {
  const keys = names.map(nameKey);
  const byName = (role: keyof QuestionColumns): string | undefined => names[find(keys, KNOWN[role]) ?? -1];
  const chosen = (option: string, role: keyof QuestionColumns, choice: string | undefined) =>
    choice === undefined ? byName(role) : names[pick(file, names, option, choice)[0]];
  const question = chosen("--question-column", "question", options.questionColumn);
  const context = chosen("--context-column", "context", options.contextColumn);
  const answers = chosen("--answers-column", "answers", options.answersColumn);
  if (question === undefined) throw cannotTell(file, names, "question", "--question-column");
  if (context === undefined) throw cannotTell(file, names, "passage", "--context-column");
  if (question === context)
    throw new InputError(
      `${file}: ${show(question)} is named as the question and as the passage.\nGive --question-column and --context-column a column each.`,
    );
  if (answers === undefined && options.needs.answers === "required" && byName("isImpossible") === undefined)
    throw cannotTell(file, names, "answers", "--answers-column");
  const others = { start: byName("start"), id: byName("id"), isImpossible: byName("isImpossible") };
  return { question, context, answers, ...others };
}

function cannotTell(file: string, names: readonly string[], what: string, option: string): InputError {
  const verb = what === "answers" ? "the answers are" : `the ${what} is`;
  return new InputError(
    `${file}: cannot tell which column ${verb} among ${showList(names)}.\nAdd ${option} NAME.`,
  );
}

/** `question "question", passage "context", answers "answers"`. */
export function describeColumns({ question, context, answers }: QuestionColumns): string {
  const third = answers === undefined ? "no answers" : `answers ${show(answers)}`;
  return `question ${show(question)}, passage ${show(context)}, ${third}`;
}

/** A row without an id has its number for one. Throws `InputError` naming `file` and `line`. */
export function questionOfRow(file: string, row: Row, columns: QuestionColumns, line: number): RawQuestion {
  const place = `${file}:${line}`;
  const value = (column: string | undefined): unknown =>
    column !== undefined && Object.hasOwn(row, column) ? row[column] : undefined;
  const text = (column: string): string => {
    const found = value(column);
    if (typeof found === "string") return found;
    throw new InputError(
      `${place}: ${show(column)} is ${typeName(found)}; a text is needed.\nCorrect the row or leave it out.`,
    );
  };
  const isImpossible = value(columns.isImpossible) ?? undefined;
  if (isImpossible !== undefined && typeof isImpossible !== "boolean")
    throw new InputError(`${place}: is_impossible is ${typeName(isImpossible)}; true or false is needed.`);
  return {
    id: idOf(place, value(columns.id), line),
    question: text(columns.question),
    context: text(columns.context),
    answers: rawAnswers(value(columns.answers), value(columns.start)),
    isImpossible,
    line,
    place,
  };
}

function idOf(place: string, id: unknown, line: number): string {
  if (id === undefined || id === null) return String(line);
  if (typeof id === "number" || typeof id === "bigint" || (typeof id === "string" && id !== ""))
    return String(id);
  throw new InputError(
    `${place}: the id is ${id === "" ? "empty" : typeName(id)}.\nGive each question its own, or none has one.`,
  );
}
