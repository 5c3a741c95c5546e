/** The validation rows once more, in their order: training keeps their tokens and forgets their texts. */

import { openExamples, readOptions } from "../training/classification-data.ts";
import { keptOf } from "../training/dataset.ts";
import type { Row, TaskTag } from "../training/options.ts";
import { openQuestions } from "../training/question-data.ts";
import type { ScoredRows } from "../training/setup.ts";
import { openTagged } from "../training/tagging-data.ts";
import type { Place } from "./lines.ts";

export interface PlacedRow extends Place {
  row: Row;
}

type Options = ScoredRows & Required<Pick<ScoredRows, "validation">>;

/** Streaming. Throws `InputError` where the file is no longer what it was. */
export function validationRows(options: Options): AsyncGenerator<PlacedRow> {
  return READ[options.task](options);
}

const READ = {
  "text-classification": readTexts,
  "token-classification": readSentences,
  "question-answering": readQuestions,
} as const satisfies Record<TaskTag, unknown>;

async function* readTexts({ validation, ...options }: Options): AsyncGenerator<PlacedRow> {
  const { name, examples } = await openExamples(validation, readOptions(options));
  for await (const { text, textPair, line } of keptOf(examples, options.keep ?? all))
    yield { file: name, line, row: { text, textPair } };
}

async function* readSentences({
  validation,
  validationTags,
  ...options
}: Options): AsyncGenerator<PlacedRow> {
  const { name, examples } = await openTagged(validation, { ...options, tags: validationTags });
  for await (const { words, text, line } of keptOf(examples, options.keep ?? all)) {
    yield { file: name, line, row: text === undefined ? { tokens: words ?? [] } : { text } };
  }
}

async function* readQuestions({ validation, ...options }: Options): AsyncGenerator<PlacedRow> {
  const { name, examples } = await openQuestions(validation, options);
  for await (const { id, question, context, line } of keptOf(examples, options.keep ?? all)) {
    yield { file: name, line, row: { id, question, context } };
  }
}

function all(): boolean {
  return true;
}
