/** The rows of a file, for prediction: labels are read where they stand and never asked for. */
import { checkTaskOptions } from "../training/check-options.ts";
import { openExamples } from "../training/classification-data.ts";
import type {
  DataOptions,
  EntitiesRow,
  QuestionRow,
  Row,
  TaskTag,
  TextRow,
  WordsRow,
} from "../training/options.ts";
import { openQuestions } from "../training/question-data.ts";
import { openTagged } from "../training/tagging-data.ts";

export interface ReadRowsOptions extends DataOptions {
  /** What the rows are of; default `text-classification`. */
  task?: TaskTag;
  signal?: AbortSignal;
}

/** Rows of a file, or of standard input (`-`), streaming. Throws `InputError` naming file and line. */
export async function* readRows(
  file: string,
  options: ReadRowsOptions = {},
): AsyncGenerator<Row, void, undefined> {
  const task = options.task ?? "text-classification";
  checkTaskOptions(task, options);
  for await (const row of READ[task](file, options)) {
    options.signal?.throwIfAborted();
    yield row;
  }
}

const READ = {
  "text-classification": readTexts,
  "token-classification": readSentences,
  "question-answering": readQuestions,
} as const satisfies Record<TaskTag, unknown>;

async function* readTexts(file: string, options: DataOptions): AsyncGenerator<TextRow> {
  const { examples } = await openExamples(file, { ...options, needs: { label: "optional", kind: "auto" } });
  for await (const { text, textPair, label } of examples) yield { text, textPair, label };
}

async function* readSentences(file: string, options: DataOptions): AsyncGenerator<WordsRow | EntitiesRow> {
  const { examples } = await openTagged(file, { ...options, optional: true });
  for await (const { words, tags, text, entities } of examples) {
    yield text === undefined ? { tokens: words ?? [], tags } : { text, entities };
  }
}

async function* readQuestions(file: string, options: DataOptions): AsyncGenerator<QuestionRow> {
  const { examples } = await openQuestions(file, { ...options, optional: true });
  for await (const { id, question, context, answers } of examples) {
    yield {
      id,
      question,
      context,
      answers: answers.map(({ text, start }) => ({ text, answer_start: start })),
    };
  }
}
