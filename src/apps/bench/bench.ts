/** `npm run bench`: the speed of everything that users wait for; with a peer in turns. */
import { Command } from "commander";
import { type LoadedRuntime, openRuntime, type Precision } from "../../internals.ts";
import { UsageError } from "../../util/errors.ts";
import { runScript, type Streams } from "../script.ts";
import { describeMachine } from "./machine.ts";
import { ALONE, addOptions, checkSuite, type Flags, SUITE_NAMES } from "./options.ts";
import { Report } from "./report.ts";
import { SUITES } from "./suites.ts";

const HELP = `
Suites:
${SUITE_NAMES.map((name) => `  ${name.padEnd(12)}${SUITES[name].about}`).join("\n")}
  all         every suite but gradients and profile that has the options it needs

A ratio above 1 says that ours is better: faster, smaller in memory, or nearer to float32. Each is of two measurements that
were taken one after the other; minimum, median and maximum are over the turns.

Examples:
  npm run bench -- --peer python3
  npm run bench -- --peer python3 --cases minilm-32x32 --turns 15
  npm run bench -- --suite jobs --data FOLDER --peer python3 --turns 1
  npm run bench -- --suite jobs --job-args "train --train a.tsv --output {output} --json" --peer-command "python3 peer.py"
  npm run bench -- --suite startup
`;

export async function bench(argv: readonly string[], streams: Streams): Promise<number> {
  const command = new Command("bench").description("Measures speed; compares with a peer, taking turns.");
  addOptions(command);
  command.allowExcessArguments(false).addHelpText("after", HELP);
  return runScript(command, argv, () => measure(command.opts<Flags>(), streams), streams);
}

async function measure(flags: Flags, { stdout }: Streams): Promise<number> {
  const { suite = "steps" } = flags;
  checkSuite(flags);
  if (suite !== "all") {
    const missing = SUITES[suite].needs?.(flags);
    if (missing !== undefined) throw new UsageError(`--suite ${suite} needs ${missing}.`);
  }
  const runtimes = await openRuntimes(flags);
  const machine = await describeMachine();
  const fields = {
    machine: machine.line,
    runtime: [...new Set(runtimes.map(({ name, version }) => `${name} ${version}`))].join(", "),
  };
  const report = new Report(stdout, { jsonFile: flags.json, fields });
  report.note(`${fields.machine}; ${fields.runtime}`);
  if (machine.warning) report.note(machine.warning);
  const all = SUITE_NAMES.filter((name) => !ALONE.has(name));
  for (const name of suite === "all" ? all : [suite]) {
    const missing = SUITES[name].needs?.(flags);
    if (missing === undefined) await SUITES[name].run({ flags, report, runtimes });
    else report.note(`${name} is left out: it needs ${missing}.`);
  }
  return 0;
}

async function openRuntimes({ runtime, precision = "float32" }: Flags): Promise<LoadedRuntime[]> {
  const precisions: Precision[] = precision === "both" ? ["float32", "bf16"] : [precision];
  const runtimes: LoadedRuntime[] = [];
  for (const one of precisions) runtimes.push(await openRuntime({ runtime, precision: one }));
  return runtimes;
}
