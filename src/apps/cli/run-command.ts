/** `bertwright train | evaluate | predict | inspect | show-report | compare | …`: arguments in, exit status out. */
import { Command, CommanderError, type Option } from "commander";
import { addCompare } from "./commands/compare.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addInspect } from "./commands/inspect.ts";
import { addPredict } from "./commands/predict.ts";
import { addRuntimes } from "./commands/runtimes.ts";
import { addShowReport } from "./commands/show-report.ts";
import { addTrain } from "./commands/train.ts";
import { addVerify } from "./commands/verify.ts";
import type { Context } from "./context.ts";
import type { Host } from "./host.ts";
import { LineWriter } from "./line-writer.ts";
import { reportError, STATUS } from "./report-error.ts";
import { checkValues, usageErrorOf, withFlags } from "./usage-errors.ts";

/** `argv` without the program's own name. Resolves to 0 (done), 1 (failed), 2 (wrong usage) or 130 (interrupted). */
export async function runCommand(argv: readonly string[], host: Host): Promise<number> {
  const context: Context = {
    host,
    argv,
    output: new LineWriter(host.stdout, "standard output"),
    jsonErrors: false,
    status: STATUS.done,
  };
  let command: Command | undefined;
  try {
    const program = createProgram(context);
    if (argv.length === 0) {
      host.stderr.write(program.helpInformation());
      return STATUS.usage;
    }
    command = namedCommand(program, argv);
    const help = argv.includes("--help") || argv.includes("-h");
    if (command && !help) checkValues(command, argv);
    await program.parseAsync(argv, { from: "user" });
    await context.output.flush();
    return context.status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return STATUS.done; // help or version was printed
    return reportError(withFlags(error, command), context);
  }
}

/** The command that the first words name, such as `runtimes install`; undefined where they name none. */
function namedCommand(program: Command, argv: readonly string[]): Command | undefined {
  let command = program;
  for (const word of argv) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    command = next;
  }
  return command === program ? undefined : command;
}

const COMMANDS = [
  addTrain,
  addEvaluate,
  addPredict,
  addInspect,
  addShowReport,
  addCompare,
  addRuntimes,
  addDoctor,
  addVerify,
];

const EXAMPLES = `
Examples:
  bertwright train --train train.tsv --validation dev.tsv --output models/mine
  bertwright evaluate --model models/mine --data dev.tsv
  bertwright predict --model models/mine --text "A sentence of yours."
  bertwright inspect --data train.tsv --validation dev.tsv
  bertwright show-report models/mine
  bertwright compare models/mine models/other
  bertwright train --task token-classification --train train.conll --output models/tagger
  bertwright train --task question-answering --train train.json --output models/reader
  bertwright predict --model models/reader --question "How high is it?" --context "It is 912 metres high."
  bertwright runtimes install openvino

bertwright COMMAND --help lists the options of a command.
`;

/** Of two long names the shorter stands for both: help stays narrow. */
function optionTerm({ flags }: Option): string {
  return flags.replace(/^(--[a-z-]+), --[a-z-]+/, "$1");
}

function createProgram(context: Context): Command {
  const { stdout, stderr, version } = context.host;
  const program = new Command("bertwright")
    .description("Fine-tunes BERT to classify texts, tag words and answer questions.")
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .configureHelp({ optionTerm })
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => {}, // reportError prints it
    })
    .addHelpText("after", EXAMPLES);
  for (const add of COMMANDS) add(program, context);
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of [program, ...commands]) {
    command.exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageErrorOf(error, command);
    });
  }
  return program;
}
