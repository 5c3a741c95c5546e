/** The applications by their pipeline tag, and the one of a saved model. */
import { InputError } from "../../util/errors.ts";
import type { TaskTag } from "../options.ts";
import type { Application } from "./application.ts";
import { questionAnsweringApplication } from "./question-answering.ts";
import { textClassificationApplication } from "./text-classification.ts";
import { tokenClassificationApplication } from "./token-classification.ts";

export const APPLICATIONS: Readonly<Record<TaskTag, Application>> = {
  "text-classification": textClassificationApplication,
  "token-classification": tokenClassificationApplication,
  "question-answering": questionAnsweringApplication,
};

const ARCHITECTURES: Readonly<Record<string, TaskTag>> = {
  BertForSequenceClassification: "text-classification",
  BertwrightForSequenceClassification: "text-classification",
  BertForTokenClassification: "token-classification",
  BertForQuestionAnswering: "question-answering",
};

/** The task that a model folder is for, by the class that its config.json names. Throws `InputError`. */
export function tagOfConfig(folder: string, { architectures }: Readonly<Record<string, unknown>>): TaskTag {
  const name = Array.isArray(architectures) ? String(architectures[0]) : "none";
  if (Object.hasOwn(ARCHITECTURES, name)) return ARCHITECTURES[name];
  throw new InputError(
    `${folder}: the model's class is ${name}: it was not fine-tuned for a task.\nTrain one first: bertwright train --help.`,
  );
}
