/** predictions.jsonl to what a report shows of it, a line at a time. */
import { openSource } from "../../files/source.ts";
import { notJsonObject, parseObject } from "../../text/data/json-lines.ts";
import { readLines } from "../../text/data/lines.ts";
import type { TagScheme } from "../../text/tags/schemes.ts";
import type { ProblemType, TaskTag } from "../../training/options.ts";
import { InputError } from "../../util/errors.ts";
import { extent } from "../charts/scale.ts";
import type { Outcome } from "../report-data.ts";
import { type AnswerLine, AnswerTally } from "./answers.ts";
import { type ClassLine, ClassTally } from "./classes.ts";
import { EntityTally, type TagsLine } from "./entities.ts";
import { type LabelsLine, LabelsTally } from "./labels.ts";
import { type NumberLine, NumberTally } from "./numbers.ts";
import type { AnyLine, Tally } from "./tally.ts";
import { WordTagTally } from "./word-tags.ts";

/** What the lines are of. */
export interface PredictedTask {
  task: TaskTag;
  problemType?: ProblemType;
  scheme?: TagScheme;
}

/** Throws `InputError` for a line that is not as it was written. */
export async function readOutcome(path: string, predicted: PredictedTask): Promise<Outcome> {
  const { task, problemType, scheme } = predicted;
  if (task === "question-answering") return count<AnswerLine>(path, new AnswerTally(), ANSWER_FIELDS);
  if (task === "token-classification") {
    const tally = scheme === "none" ? new WordTagTally() : new EntityTally();
    return count<TagsLine>(path, tally, TAG_FIELDS);
  }
  if (problemType === "regression") return countNumbers(path);
  if (problemType === "multi_label_classification")
    return count<LabelsLine>(path, new LabelsTally(), { ...TEXT_FIELDS, gold: Array.isArray });
  return count<ClassLine>(path, new ClassTally(), { ...TEXT_FIELDS, gold: isString });
}

/** Twice over the lines: the ranges that errors are told by are those of the right numbers. */
async function countNumbers(path: string): Promise<Outcome> {
  const golds: number[] = [];
  const fields = { ...TEXT_FIELDS, gold: Number.isFinite };
  for await (const { gold } of lines<NumberLine>(path, fields)) golds.push(gold);
  return count<NumberLine>(path, new NumberTally(extent(golds) ?? [0, 1]), fields);
}

async function count<L extends AnyLine>(path: string, tally: Tally<L>, fields: Fields): Promise<Outcome> {
  for await (const line of lines<L>(path, fields)) tally.add(line);
  return tally.finish();
}

type Fields = Readonly<Record<string, (value: unknown) => boolean>>;

const isString = (value: unknown) => typeof value === "string";
const isObject = (value: unknown) => typeof value === "object" && value !== null;
const TEXT_FIELDS: Fields = { text: isString, prediction: isObject };
const TAG_FIELDS: Fields = { text: isString, gold: isObject, prediction: isObject };
const ANSWER_FIELDS: Fields = {
  question: isString,
  context: isString,
  gold: Array.isArray,
  prediction: isObject,
  exact: Number.isFinite,
  f1: Number.isFinite,
};

async function* lines<L>(path: string, fields: Fields): AsyncGenerator<L> {
  const source = await openSource(path);
  for await (const batch of readLines(source)) {
    for (const [i, text] of batch.lines.entries()) {
      const line = parseObject(text);
      if (line === undefined) throw notJsonObject(path, batch.first + i);
      const fault = Object.keys(fields).find((name) => !fields[name](line[name]));
      if (fault !== undefined) {
        throw new InputError(
          `${path}:${batch.first + i}: ${fault} is not what a prediction of this task has.\nThe file is of another run, or was changed; train again.`,
        );
      }
      yield line as L;
    }
  }
}
