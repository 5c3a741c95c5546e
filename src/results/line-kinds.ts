/** The lines of a task. */
import type { QuestionAnswering } from "../tasks/question-answering/task.ts";
import type { Task } from "../tasks/task.ts";
import type { TextClassification } from "../tasks/text-classification.ts";
import type { TokenClassification } from "../tasks/token-classification/task.ts";
import type { TaskTag } from "../training/options.ts";
import type { LineKind } from "./line-kind.ts";
import { questionKind } from "./question-kind.ts";
import { taggingKind } from "./tagging-kind.ts";
import { textKind } from "./text-kind.ts";

export function lineKindOf(task: Task): LineKind<TaskTag> {
  switch (task.tag) {
    case "token-classification":
      return taggingKind(task as TokenClassification) as LineKind<TaskTag>;
    case "question-answering":
      return questionKind(task as QuestionAnswering) as LineKind<TaskTag>;
    default:
      return textKind(task as TextClassification) as LineKind<TaskTag>;
  }
}
