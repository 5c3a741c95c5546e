/** A question and its passage to an answer in the passage's own characters. */
import { answersOf } from "../../tasks/question-answering/answers.ts";
import { AnswerCollector, windowCandidates } from "../../tasks/question-answering/decode.ts";
import type { QuestionAnswering } from "../../tasks/question-answering/task.ts";
import { encodeQuestion, windowOptions } from "../../tasks/question-answering/windows.ts";
import type { Tokenizer } from "../../text/tokenizer/tokenizer.ts";
import type { QuestionRow } from "../../training/options.ts";
import type { WindowSettings } from "../../training/window-settings.ts";
import { UsageError } from "../../util/errors.ts";
import type { AnswerPrediction } from "../options.ts";
import { type Decoder, textField } from "./decoder.ts";

export function questionAnsweringDecoder(
  task: QuestionAnswering,
  tokenizer: Tokenizer,
  windowSettings: WindowSettings,
): Decoder<"question-answering"> {
  return {
    labels: [],
    row: (question, context) => {
      if (context !== undefined) return { question, context };
      throw new UsageError("a question needs its passage as the second text.");
    },
    encode: (row) => {
      const context = textField(row, "context");
      const { id } = row as QuestionRow;
      const options = windowOptions(windowSettings);
      const { windows, offsets } = encodeQuestion(tokenizer, textField(row, "question"), context, options);
      return {
        windows,
        decode: (logits, { topK = 0 }) => {
          const { noAnswers, maxAnswerLength, nullScoreDiffThreshold } = task.options;
          const nBest = Math.max(task.options.nBest, topK);
          const collector = new AnswerCollector({ nBest });
          windows.forEach((window, i) => {
            collector.add(windowCandidates(logits[i], window, { nBest, maxAnswerLength }));
          });
          const {
            best,
            nBest: ranked,
            scoreDiff,
          } = answersOf(context, offsets, collector.finish(), {
            nBest,
            nullScoreDiffThreshold: noAnswers ? nullScoreDiffThreshold : undefined,
          });
          const named = {
            ...(id !== undefined && { id }),
            ...best,
            ...(scoreDiff !== undefined && { scoreDiff }),
          };
          if (topK === 0) return named;
          const top = ranked.slice(0, topK).map(({ answer, start, end, score }): AnswerPrediction => {
            return { answer, start, end, score };
          });
          return { ...named, top };
        },
      };
    },
  };
}
