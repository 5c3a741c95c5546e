/** `npm run bench`: speed of the training step, of starting, of the tokenizer, of a whole job; with a peer in turns. */
import { Command, type Option } from "commander";
import { loadRuntime } from "../../internals.ts";
import { UsageError } from "../../util/errors.ts";
import { choiceOption, nameOption, numberOption, valueOption } from "../cli/option-kinds.ts";
import { runScript, type Streams } from "../script.ts";
import { benchJob } from "./job.ts";
import { describeMachine } from "./machine.ts";
import type { Attention } from "./peer.ts";
import { Report } from "./report.ts";
import { benchStartup } from "./startup.ts";
import { benchSteps, STEP_CASES, type StepCase } from "./steps.ts";
import { benchTokenizer } from "./tokenizer.ts";

type Suite = "steps" | "startup" | "tokenizer" | "job";

interface BenchFlags {
  suite?: Suite;
  peer?: string;
  cases?: readonly StepCase[];
  turns?: number;
  stepsPerTurn?: number;
  threads?: number;
  attn?: Attention | "both";
  json?: string;
  model?: string;
  text?: string;
  jobArgs?: string;
  peerCommand?: string;
}

const SUITES = ["steps", "startup", "tokenizer", "job"];
const CASE_NAMES = STEP_CASES.map(({ name }) => name);

const HELP = `
A ratio above 1 says that ours is faster (or smaller): each is of two measurements that were taken one after the other.

Examples:
  npm run bench -- --peer python3
  npm run bench -- --peer python3 --cases minilm-32x32 --turns 15
  npm run bench -- --suite startup
  npm run bench -- --suite job --job-args "train --train a.tsv --output {output} --json" --peer-command "python3 peer.py"
`;

export async function bench(argv: readonly string[], streams: Streams): Promise<number> {
  const command = new Command("bench").description("Measures speed; compares with a peer, taking turns.");
  for (const option of options()) command.addOption(option);
  command.allowExcessArguments(false).addHelpText("after", HELP);
  return runScript(command, argv, () => measure(command.opts<BenchFlags>(), streams), streams);
}

function options(): Option[] {
  const count = { whole: true, from: 1, to: 10_000 };
  return [
    choiceOption("--suite <name>", SUITES, `${SUITES.join(", ")} (default: steps)`),
    nameOption("--peer <python>", "steps: a Python with torch and transformers to compare with"),
    valueOption("--cases <list>", `steps: of ${CASE_NAMES.join(",")} (default: all)`, parseCases),
    numberOption("--turns <n>", count, "turns of each side (default: 7; job: 3)"),
    numberOption("--steps-per-turn <n>", count, "steps: of a turn (default: some two seconds)"),
    numberOption(
      "--threads <n>",
      { whole: true, from: 1, to: 1024 },
      "steps: of both sides (default: theirs)",
    ),
    choiceOption(
      "--attn <way>",
      ["sdpa", "eager", "both"],
      "steps: the peer's attention; both: the faster one counts (default: both)",
    ),
    nameOption("--model <name>", "startup: folder or name of the model (default: the command's)"),
    nameOption("--text <file>", "tokenizer: a text file, a row a line (default: made-up sentences)"),
    nameOption("--job-args <args>", "job: arguments of bertwright; {output} is a fresh folder each time"),
    nameOption("--peer-command <line>", "job: the peer's line for the shell; {output} likewise"),
    nameOption("--json <file>", "also write one JSON object a line: case, unit, ours, peer, ratio_min, …"),
  ];
}

function parseCases(list: string): StepCase[] {
  return list.split(",").map((name) => {
    const found = STEP_CASES.find((one) => one.name === name.trim());
    if (!found) throw new Error(`"${name}" is not one of ${CASE_NAMES.join(", ")}.`);
    return found;
  });
}

async function measure(flags: BenchFlags, { stdout }: Streams): Promise<number> {
  const { suite = "steps", jobArgs } = flags;
  if (suite === "job" && jobArgs === undefined) {
    throw new UsageError("--suite job needs --job-args: the arguments of bertwright.");
  }
  const report = new Report(stdout, flags.json);
  const runtime = await loadRuntime("auto");
  const machine = await describeMachine();
  report.note(`${machine.line}; ${runtime.name} ${runtime.version}`);
  if (machine.warning) report.note(machine.warning);
  const turns = flags.turns ?? (suite === "job" ? 3 : 7);
  switch (suite) {
    case "steps":
      await benchSteps({ ...stepOptions(flags), turns }, report);
      break;
    case "startup":
      await benchStartup({ runs: turns, model: flags.model }, report);
      break;
    case "tokenizer":
      benchTokenizer({ turns, text: flags.text }, report);
      break;
    case "job":
      await benchJob({ turns, jobArgs: jobArgs!, peerCommand: flags.peerCommand }, report);
  }
  return 0;
}

function stepOptions({ cases = STEP_CASES, stepsPerTurn, threads, peer, attn = "both" }: BenchFlags) {
  const attention: Attention[] = attn === "both" ? ["sdpa", "eager"] : [attn];
  return { cases, stepsPerTurn, threads, peer, attention };
}
