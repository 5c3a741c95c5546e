/**
 * SQuAD JSON, versions 1.1 and 2.0 (Rajpurkar et al. 2016, 2018): `data[].paragraphs[]` of `context` and `qas[]`.
 * `plausible_answers`, which 2.0 gives for questions without an answer, are not read.
 */
import { InputError } from "../../../util/errors.ts";
import { oneLine, showList } from "../show.ts";
import { isObject, rawAnswers, typeName } from "./answers.ts";
import type { RawQuestion } from "./question.ts";

/** The questions of a file in their order. Throws `InputError` that names the place in the file. */
export function* squadQuestions(name: string, value: unknown): Generator<RawQuestion> {
  let line = 0;
  const file = objectAt(name, "the file", value);
  for (const [d, article] of listAt(name, "data", file).entries()) {
    const inArticle = `data[${d}]`;
    const paragraphs = listAt(name, `${inArticle}.paragraphs`, objectAt(name, inArticle, article));
    for (const [p, paragraph] of paragraphs.entries()) {
      const inParagraph = `${inArticle}.paragraphs[${p}]`;
      const fields = objectAt(name, inParagraph, paragraph);
      const context = textAt(name, `${inParagraph}.context`, fields);
      for (const [q, qa] of listAt(name, `${inParagraph}.qas`, fields).entries()) {
        line++;
        yield questionOf(name, `${inParagraph}.qas[${q}]`, qa, context, line);
      }
    }
  }
}

/** What the file says of itself, or undefined. */
export function squadVersion(value: unknown): string | undefined {
  return isObject(value) && typeof value.version === "string" ? oneLine(value.version) : undefined;
}

function questionOf(name: string, path: string, value: unknown, context: string, line: number): RawQuestion {
  const qa = objectAt(name, path, value);
  const id = idAt(name, path, qa);
  const isImpossible = qa.is_impossible ?? undefined;
  const place = `${name}, question ${oneLine(id)}`;
  if (isImpossible !== undefined && typeof isImpossible !== "boolean")
    throw new InputError(`${place}: is_impossible is ${typeName(isImpossible)}; true or false is needed.`);
  const question = textAt(name, `${path}.question`, qa);
  return { id, question, context, answers: rawAnswers(qa.answers), isImpossible, line, place };
}

function idAt(name: string, path: string, { id, question }: Record<string, unknown>): string {
  if (typeof id === "number" || (typeof id === "string" && id !== "")) return String(id);
  const which = typeof question === "string" ? ` (${oneLine(question)})` : "";
  throw new InputError(
    `${name}: ${path}${which} has no id; it is ${id === "" ? "empty" : typeName(id)}.\nGive each question its own.`,
  );
}

function objectAt(name: string, path: string, value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw new InputError(`${name}: ${path} is ${typeName(value)}, not an object.\n${FORM}`);
}

/** The last name of `path` is the field of `object`. */
function listAt(name: string, path: string, object: Record<string, unknown>): unknown[] {
  const value = field(path, object);
  if (Array.isArray(value)) return value;
  throw notThere(name, path, value, "a list", object);
}

function textAt(name: string, path: string, object: Record<string, unknown>): string {
  const value = field(path, object);
  if (typeof value === "string") return value;
  throw notThere(name, path, value, "a text", object);
}

function field(path: string, object: Record<string, unknown>): unknown {
  return object[path.slice(path.lastIndexOf(".") + 1)];
}

const FORM =
  "SQuAD JSON has data[].paragraphs[].qas[]; JSONL has one object with question and context a line.";

function notThere(
  name: string,
  path: string,
  value: unknown,
  needed: string,
  object: Record<string, unknown>,
): InputError {
  const keys = Object.keys(object);
  const there = value === undefined ? `; there is ${keys.length > 0 ? showList(keys) : "nothing"}` : "";
  return new InputError(`${name}: ${path} is ${typeName(value)}, not ${needed}${there}.\n${FORM}`);
}
