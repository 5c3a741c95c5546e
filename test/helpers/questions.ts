/** Question files as text, read to their end, for tests of the readers. */
import {
  type QuestionExample,
  type QuestionFile,
  type QuestionReadOptions,
  questionsFromRows,
  questionsOf,
} from "../../src/text/data/questions/questions.ts";
import { sourceFromText } from "../../src/text/data/source.ts";

export const TRAIN: QuestionReadOptions = { needs: { answers: "required" } };
export const PREDICT: QuestionReadOptions = { needs: { answers: "optional" } };

export const CONTEXT = "Mount Elm rises 912 metres. Elm Lake lies below Mount Elm.";
export const qa = (fields: object = {}) => ({
  id: "q1",
  question: "How high is Mount Elm?",
  answers: [{ text: "912 metres", answer_start: 16 }],
  ...fields,
});
export const squad = (qas: object[], context: unknown = CONTEXT) => ({
  version: "1.1",
  data: [{ title: "Elm", paragraphs: [{ context, qas }] }],
});

type Read = QuestionFile & { rows: QuestionExample[] };

export async function read(file: QuestionFile): Promise<Read> {
  const rows: QuestionExample[] = [];
  for await (const row of file.examples) rows.push(row);
  return { ...file, rows };
}

export const readText = async (text: string, options = TRAIN, name = "dev.json") =>
  read(await questionsOf(sourceFromText(name, text), options));
export const readSquad = (qas: object[], options = TRAIN, context?: unknown) =>
  readText(JSON.stringify(squad(qas, context)), options);
export const readLines = (rows: object[], options = TRAIN) =>
  readText(rows.map((row) => JSON.stringify(row)).join("\n"), options, "rows.jsonl");
export const readRows = async (rows: object[], options = TRAIN) =>
  read(await questionsFromRows(rows, options));
