/** What labelled data holds, before any training: counts, lengths, repeats, overlaps, mistakes, baselines. */
import { DEFAULT_MODEL } from "../files/hub/model-name.ts";
import { findModel } from "../files/hub/resolve.ts";
import type { DataReportOf } from "../text/data/report.ts";
import type { Tokenizer } from "../text/tokenizer/tokenizer.ts";
import { APPLICATIONS } from "../training/applications/index.ts";
import { checkNumbers, checkTaskOptions, MAX_SEQ_LENGTH, WHOLE } from "../training/check-options.ts";
import { openTokenizer } from "../training/model-files.ts";
import { TASK_TAGS, type TaskTag } from "../training/options.ts";
import { UsageError } from "../util/errors.ts";
import type { ResolvedInspectOptions } from "./inspect-input.ts";
import { inspectQuestionData } from "./inspect-questions.ts";
import { inspectTaggedData } from "./inspect-tags.ts";
import { inspectTextData } from "./inspect-texts.ts";
import type { InspectOptions } from "./options.ts";

/**
 * Reads the data once and reports, in the form of the task. Tokens are counted where the model's tokenizer is on this
 * machine: nothing is downloaded for a look at the data. Throws `InputError` for a file that cannot be read, `UsageError`
 * for options that cannot be right.
 */
export async function inspectData<T extends TaskTag>(
  options: InspectOptions & { task: T },
): Promise<DataReportOf[T]>;
export async function inspectData(options: InspectOptions): Promise<DataReportOf[TaskTag]> {
  const { task } = options;
  if (!TASK_TAGS.includes(task))
    throw new UsageError(`task is ${task}, expected one of ${TASK_TAGS.join(", ")}.`);
  checkTaskOptions(task, options);
  checkNumbers(options, { maxSeqLength: MAX_SEQ_LENGTH, maxAnswerLength: WHOLE });
  const found = await findModel(options.model ?? DEFAULT_MODEL);
  const tokenizer = found && (await openTokenizer(found.folder));
  const maxSeqLength = options.maxSeqLength ?? APPLICATIONS[task].standards.maxSeqLength;
  return INSPECT[task]({ ...options, maxSeqLength }, tokenizer);
}

type Inspect<T extends TaskTag> = (
  options: ResolvedInspectOptions,
  tokenizer: Tokenizer | undefined,
) => Promise<DataReportOf[T]>;

const INSPECT: { readonly [T in TaskTag]: Inspect<T> } = {
  "text-classification": inspectTextData,
  "token-classification": inspectTaggedData,
  "question-answering": inspectQuestionData,
};
