/** Files of questions about passages, and rows of them in memory, to examples. What a file is, its content tells. */
import { InputError, UsageError } from "../../../util/errors.ts";
import { createDecoder, decodeText } from "../decode.ts";
import { notJsonObject, parseObject } from "../json-lines.ts";
import { HEAD_CHARACTERS, readLines } from "../lines.ts";
import { show } from "../show.ts";
import { type ByteSource, rereadable } from "../source.ts";
import { isObject } from "./answers.ts";
import { QuestionChecker } from "./check.ts";
import { readJson } from "./json-text.ts";
import type {
  OffsetUnit,
  QuestionExample,
  QuestionFile,
  QuestionReadOptions,
  RawQuestion,
} from "./question.ts";
import { chooseQuestionColumns, describeColumns, questionOfRow, type Row } from "./rows.ts";
import { squadQuestions, squadVersion } from "./squad.ts";

export type {
  Answer,
  QuestionExample,
  QuestionFile,
  QuestionProblem,
  QuestionReadOptions,
} from "./question.ts";

/** Rows whose keys are looked at: not every row need have every key. */
const ROWS_PEEKED = 100;

/**
 * SQuAD JSON, which is read whole, or JSONL, which streams. Offsets in files count code points. Throws `InputError` for
 * a file that is neither, and see `QuestionFile.examples`; `UsageError` for an unknown encoding.
 */
export async function questionsOf(source: ByteSource, options: QuestionReadOptions): Promise<QuestionFile> {
  createDecoder(options.encoding);
  const again = source.size === undefined ? rereadable(source) : source;
  const format = await tellFormat(again, options.encoding);
  return format === "squad" ? squadFile(again, options) : jsonlFile(again, options);
}

/**
 * Rows in memory or of a Parquet file, with `question`, `context`, `answers` and perhaps `id`, or the columns that the
 * options name. Offsets are UTF-16 unless `options.offsets` says otherwise; `name` is what messages call the rows.
 */
export async function questionsFromRows(
  rows: Iterable<object> | AsyncIterable<object>,
  options: QuestionReadOptions,
  name = "rows",
): Promise<QuestionFile> {
  const file = await fileOfRows(name, numbered(rows, name), options, "utf16");
  return { ...file, layout: `${name}: ${file.layout}`, format: "rows" };
}

/** A JSONL file has a whole object on its first line, SQuAD JSON is one object. */
async function tellFormat(source: ByteSource, encoding: string | undefined): Promise<"squad" | "jsonl"> {
  const head = await readStart(source, encoding);
  if (head === "") throw new InputError(`${source.name} is empty.\n${NEEDED}`);
  if (!head.startsWith("{")) throw notQuestions(source.name, head);
  const line = head.split(/[\r\n]/, 1)[0];
  const object = parseObject(line);
  if (object) return "data" in object ? "squad" : "jsonl";
  // A line that breaks off is a row where a row's names stand before those of SQuAD's.
  const names = line.match(/"(data|paragraphs|version|question|context|passage)"\s*:/);
  return names !== null && !/data|paragraphs|version/.test(names[1]) ? "jsonl" : "squad";
}

const NEEDED = "SQuAD JSON is needed, or JSONL with question, context and answers.";

function notQuestions(name: string, head: string): InputError {
  if (/^\[\s*(\{|$)/.test(head)) {
    return new InputError(
      `${name} is one JSON array; JSONL is read, one object a line.\nConvert it: jq -c '.[]' ${name} > rows.jsonl`,
    );
  }
  return new InputError(
    `${name} holds no questions that can be read: it begins with ${show(head)}.\n${NEEDED}`,
  );
}

/** Text up to the end of the first line that is not blank, or `HEAD_CHARACTERS` of it. */
async function readStart(source: ByteSource, encoding: string | undefined): Promise<string> {
  let head = "";
  for await (const chunk of decodeText(source, encoding)) {
    head = (head + chunk).trimStart();
    if (/[\r\n]/.test(head) || head.length > HEAD_CHARACTERS) break;
  }
  return head;
}

async function squadFile(source: ByteSource, options: QuestionReadOptions): Promise<QuestionFile> {
  const { questionColumn, contextColumn, answersColumn } = options;
  if ([questionColumn, contextColumn, answersColumn].some((column) => column !== undefined)) {
    throw new UsageError(
      `${source.name} is SQuAD JSON, which has no columns.\nLeave out --question-column, --context-column and --answers-column.`,
    );
  }
  const { name } = source;
  const value = await readJson(source, options.encoding);
  const version = squadVersion(value);
  const checker = checkerOf(name, options, "code_points", false);
  return {
    name,
    layout: `${name}: SQuAD JSON${version === undefined ? "" : `, version ${version}`}`,
    format: "squad",
    version,
    examples: checked(squadQuestions(name, value), checker),
    problems: checker.problems,
  };
}

async function jsonlFile(source: ByteSource, options: QuestionReadOptions): Promise<QuestionFile> {
  const { name } = source;
  const file = await fileOfRows(name, jsonlRows(source, options.encoding), options, "code_points");
  return { ...file, layout: `${name}: JSONL; ${file.layout}`, format: "jsonl" };
}

interface NumberedRow {
  row: Row;
  line: number;
}

async function* jsonlRows(source: ByteSource, encoding: string | undefined): AsyncGenerator<NumberedRow> {
  for await (const { first, lines } of readLines(source, encoding)) {
    for (let i = 0; i < lines.length; i++) {
      if (lines[i].trim() === "") continue;
      const row = parseObject(lines[i]);
      if (row === undefined) throw notJsonObject(source.name, first + i);
      yield { row, line: first + i };
    }
  }
}

async function* numbered(
  rows: Iterable<object> | AsyncIterable<object>,
  name: string,
): AsyncGenerator<NumberedRow> {
  let line = 0;
  for await (const row of rows) {
    line++;
    if (!isObject(row))
      throw new InputError(`${name}:${line}: a row is an object with question, context and answers.`);
    yield { row, line };
  }
}

/** Takes the first rows to tell the columns by. */
async function fileOfRows(
  name: string,
  rows: AsyncGenerator<NumberedRow>,
  options: QuestionReadOptions,
  offsets: OffsetUnit,
): Promise<Omit<QuestionFile, "format">> {
  const head: NumberedRow[] = [];
  while (head.length < ROWS_PEEKED) {
    const { value, done } = await rows.next();
    if (done) break;
    head.push(value);
  }
  if (head.length === 0)
    throw new InputError(`${name} is empty.\nGive at least one row with question and context.`);
  const names = [...new Set(head.flatMap(({ row }) => Object.keys(row)))];
  const columns = chooseQuestionColumns(name, names, options);
  const checker = checkerOf(name, options, offsets, true);
  async function* questions(): AsyncGenerator<RawQuestion> {
    for (const { row, line } of head.splice(0)) yield questionOfRow(name, row, columns, line);
    for await (const { row, line } of rows) yield questionOfRow(name, row, columns, line);
  }
  return {
    name,
    layout: describeColumns(columns),
    examples: checked(questions(), checker),
    problems: checker.problems,
  };
}

/** Rows of data sets on the Hub say "no answer" by an empty list alone; SQuAD JSON has a field for it. */
function checkerOf(
  name: string,
  { needs, fixAnswerOffsets, offsets }: QuestionReadOptions,
  unit: OffsetUnit,
  emptyIsImpossible: boolean,
): QuestionChecker {
  return new QuestionChecker(name, { needs, fixAnswerOffsets, offsets: offsets ?? unit, emptyIsImpossible });
}

async function* checked(
  questions: Iterable<RawQuestion> | AsyncIterable<RawQuestion>,
  checker: QuestionChecker,
): AsyncGenerator<QuestionExample> {
  for await (const question of questions) yield checker.check(question);
  checker.finish();
}
