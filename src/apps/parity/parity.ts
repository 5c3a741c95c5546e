/** `npm run parity -- [DIR]`: our numbers against recorded ones of PyTorch, tokenizers and scikit-learn. */
import { fileURLToPath } from "node:url";
import { Argument, Command } from "commander";
import { type CaseReport, checkFolder, openRuntime, type RuntimeChoice } from "../../internals.ts";
import { UsageError } from "../../util/errors.ts";
import { choiceOption } from "../cli/option-kinds.ts";
import { runScript, type Streams } from "../script.ts";

/** Of the checkout; the same distance from here in `src` and in `dist`. */
const FIXTURES = fileURLToPath(new URL("../../../test/fixtures", import.meta.url));
const RUNTIMES = ["auto", "onnxruntime", "onnxruntime-binding", "openvino"];

const HELP = `
Prints a line a case and ends with "N passed, N failed, N skipped". Exits with 1 where a case is over its limit: loss
1e-5 (relative), logits 1e-4, gradients 1e-3 (relative norm of each tensor), a trajectory's losses and gradient norms
1e-4 and final parameters 1e-3, tokenizer exact, metrics 1e-9.
`;

export async function parity(argv: readonly string[], streams: Streams): Promise<number> {
  const command = new Command("parity")
    .description("Compares what we compute with what PyTorch, tokenizers and scikit-learn computed.")
    .addArgument(
      new Argument("[dir]", "folder with bert/, tokenizer/, metrics.json (default: the project's own)"),
    )
    .addOption(choiceOption("--runtime <name>", RUNTIMES, `${RUNTIMES.join(", ")} (default: auto)`))
    .allowExcessArguments(true)
    .addHelpText("after", HELP);
  const action = () => {
    const [folder = FIXTURES, surplus] = command.args;
    if (surplus !== undefined) throw new UsageError(`Unexpected "${surplus}": parity takes one folder.`);
    return compare(folder, command.opts().runtime ?? "auto", streams);
  };
  return runScript(command, argv, action, streams);
}

async function compare(folder: string, choice: RuntimeChoice, { stdout, stderr }: Streams): Promise<number> {
  const runtime = await openRuntime({ runtime: choice });
  if (runtime.fallbackReason !== undefined) stderr.write(`Warning: ${runtime.fallbackReason}\n`);
  const counts = { passed: 0, failed: 0, skipped: 0, absent: 0 };
  for await (const report of checkFolder(folder, { runtime, vocabularies: `${FIXTURES}/vocab` })) {
    counts[report.outcome] += 1;
    stdout.write(`${lineOf(report)}\n`);
  }
  stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed > 0 ? 1 : 0;
}

function lineOf({ name, outcome, line }: CaseReport): string {
  const start = name.padEnd(40);
  if (outcome === "skipped") return `${start} skipped: ${line}`;
  if (outcome === "absent") return `${start} ${line}`;
  return `${start} ${outcome}  ${line}`;
}
