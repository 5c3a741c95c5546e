/** Questions about passages, as `inspectData` takes them, to their report. */
import { DECODE_DEFAULTS } from "../tasks/question-answering/decode.ts";
import {
  checkWindowOptions,
  type EncodedPassage,
  encodePassage,
  encodeQuestion,
  WINDOW_DEFAULTS,
  type WindowOptions,
} from "../tasks/question-answering/windows.ts";
import {
  inspectQuestions,
  type QuestionsData,
  type QuestionsReport,
} from "../text/data/inspect-questions.ts";
import type { QuestionExample } from "../text/data/questions/questions.ts";
import type { TokenizedQuestion } from "../text/data/survey-questions.ts";
import type { Tokenizer } from "../text/tokenizer/tokenizer.ts";
import type { DataInput } from "../training/options.ts";
import { openQuestions } from "../training/question-data.ts";
import { type ResolvedInspectOptions, watched, withoutName } from "./inspect-input.ts";

export async function inspectQuestionData(
  options: ResolvedInspectOptions,
  tokenizer: Tokenizer | undefined,
): Promise<QuestionsReport> {
  const { data, validation, maxSeqLength, docStep } = options;
  const {
    docStride = WINDOW_DEFAULTS.docStride,
    maxQuestionLength = WINDOW_DEFAULTS.maxQuestionLength,
    maxAnswerLength = DECODE_DEFAULTS.maxAnswerLength,
  } = options;
  const windows: WindowOptions = { maxSeqLength, docStride, docStep, maxQuestionLength };
  checkWindowOptions(windows);
  return inspectQuestions({
    train: await open(data, options),
    validation: validation === undefined ? undefined : await open(validation, options),
    tokenize: tokenizer && tokenizing(tokenizer, windows),
    maxLength: maxSeqLength,
    maxAnswerLength,
  });
}

async function open(input: DataInput, options: ResolvedInspectOptions): Promise<QuestionsData> {
  const file = await openQuestions(input, { ...options, optional: true });
  const { name, layout } = file;
  return { ...file, layout: withoutName(name, layout), examples: watched(file.examples, options.signal) };
}

/** Neighbours most often share their passage, which is tokenized once. */
function tokenizing(
  tokenizer: Tokenizer,
  options: WindowOptions,
): (example: QuestionExample) => TokenizedQuestion {
  let passage: { context: string; encoded: EncodedPassage } | undefined;
  return ({ question, context, answers }) => {
    if (passage?.context !== context) passage = { context, encoded: encodePassage(tokenizer, context) };
    const { encoded } = passage;
    const { windows } = encodeQuestion(tokenizer, question, encoded, options);
    return {
      question: tokenizer.encodeIds(question).untruncatedLength - 2,
      tokens: windows[0].firstLength + encoded.inputIds.length + 1,
      windows: windows.length,
      answers: answers.map(({ text, start }) => tokensTouched(encoded, start, start + text.length)),
    };
  };
}

/** The passage's tokens that the characters `[from, to)` have a part of: what an answer's length is counted in. */
function tokensTouched({ offsets }: EncodedPassage, from: number, to: number): number {
  let touched = 0;
  for (let i = 0; i < offsets.length; i += 2) if (offsets[i] < to && offsets[i + 1] > from) touched++;
  return touched;
}
