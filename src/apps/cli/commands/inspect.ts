/** `bertwright inspect`: what the data holds, before any training. */
import type { Command } from "commander";
import { type Context, need } from "../context.ts";
import type { InspectOptions } from "../library.ts";
import { nameOption } from "../option-kinds.ts";
import {
  addGroup,
  docStepOption,
  docStrideOption,
  jsonOption,
  lengthOption,
  maxAnswerLengthOption,
  maxQuestionLengthOption,
  problemTypeOption,
  taskOption,
} from "../options.ts";
import { addReadingGroups } from "../reading-options.ts";

type InspectFlags = Partial<Omit<InspectOptions, "data" | "validation" | "signal">> & {
  data?: string;
  validation?: string;
  json?: boolean;
};

export function addInspect(program: Command, context: Context): void {
  const command = program.command("inspect").description("say what a file holds, before any training");
  addGroup(command, "Task and files:", [
    taskOption(),
    nameOption("--data <file>", "labelled rows, in the formats of train"),
    nameOption("--validation <file>", "rows to measure on: are some of them in both files?"),
    nameOption("--model <name>", "whose tokenizer counts the lengths (default: as in train)"),
    lengthOption("128, questions 384"),
    docStrideOption(),
  ]);
  addReadingGroups(command, {
    classification: [problemTypeOption()],
    tagging: [
      nameOption("--data-tags <file>", "tags of the words in --data, a sentence a line in each"),
      nameOption("--validation-tags <file>", "tags of the words in --validation"),
    ],
    questions: [docStepOption(), maxQuestionLengthOption(), maxAnswerLengthOption("30")],
  });
  addGroup(command, "Output:", [jsonOption("the report as one JSON object on stdout")]);
  command.action((flags: InspectFlags) => inspect(flags, context));
}

async function inspect(flags: InspectFlags, context: Context): Promise<void> {
  const { json = false, ...given } = flags;
  const data = need(given.data, "inspect", "--data FILE", "the rows to look at");
  const { inspectData, formatReport } = await context.host.loadLibrary();
  const report = await inspectData({
    task: "text-classification",
    ...given,
    data,
    signal: context.host.signal,
  });
  await context.output.write(`${json ? JSON.stringify(report) : formatReport(report).trimEnd()}\n`);
}
