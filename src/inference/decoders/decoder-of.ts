/** The decoder of a task. */
import type { QuestionAnswering } from "../../tasks/question-answering/task.ts";
import type { Task } from "../../tasks/task.ts";
import type { TextClassification } from "../../tasks/text-classification.ts";
import type { TokenClassification } from "../../tasks/token-classification/task.ts";
import type { Tokenizer } from "../../text/tokenizer/tokenizer.ts";
import type { TaskTag } from "../../training/options.ts";
import type { WindowSettings } from "../../training/window-settings.ts";
import type { Decoder } from "./decoder.ts";
import { questionAnsweringDecoder } from "./question-answering.ts";
import { textClassificationDecoder } from "./text-classification.ts";
import { tokenClassificationDecoder } from "./token-classification.ts";

export function decoderOf(task: Task, tokenizer: Tokenizer, windows: WindowSettings): Decoder<TaskTag> {
  switch (task.tag) {
    case "token-classification":
      return tokenClassificationDecoder(task as TokenClassification, tokenizer, windows);
    case "question-answering":
      return questionAnsweringDecoder(task as QuestionAnswering, tokenizer, windows);
    default:
      return textClassificationDecoder(task as TextClassification, tokenizer, windows.maxSeqLength);
  }
}
