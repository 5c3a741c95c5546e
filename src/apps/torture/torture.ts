/** `npm run torture`: what is promised of a run that stops is tried, everywhere that it can stop. docs/reliability.md. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { choiceOption, numberOption } from "../cli/option-kinds.ts";
import { runScript, type Streams } from "../script.ts";
import { diskSuite } from "./disk.ts";
import { killSuite } from "./kill.ts";
import { powerSuite } from "./power.ts";
import { resumeSuite } from "./resume.ts";
import { rotSuite } from "./rot.ts";
import type { Suite } from "./suite.ts";

const SUITES: Readonly<Record<string, Suite>> = {
  resume: resumeSuite,
  kill: killSuite,
  power: powerSuite,
  disk: diskSuite,
  rot: rotSuite,
};
const NAMES = Object.keys(SUITES);

const HELP = `
Suites:
${NAMES.map((name) => `  ${name.padEnd(10)}${SUITES[name].about}`).join("\n")}
  all       every suite
`;

interface Flags {
  suite?: string;
  quick?: boolean;
  seed?: number;
}

export async function torture(argv: readonly string[], streams: Streams): Promise<number> {
  const command = new Command("torture")
    .description("Tries the promises of docs/reliability.md.")
    .addOption(choiceOption("--suite <name>", [...NAMES, "all"], "which promise (default: all)"))
    .addOption(new Option("--quick", "a fraction of the cases"))
    .addOption(
      numberOption("--seed <n>", { whole: true, from: 0, to: 4_294_967_295 }, "of what is left to chance"),
    )
    .allowExcessArguments(false)
    .addHelpText("after", HELP);
  return runScript(command, argv, () => tryAll(command.opts<Flags>(), streams), streams);
}

async function tryAll(
  { suite = "all", quick = false, seed = 1 }: Flags,
  { stdout }: Streams,
): Promise<number> {
  const note = (line: string) => void stdout.write(`${line}\n`);
  for (const name of suite === "all" ? NAMES : [suite]) {
    const folder = mkdtempSync(join(tmpdir(), `bertwright-${name}-`));
    const started = performance.now();
    try {
      const cases = await SUITES[name].run({ folder, quick, seed, note });
      note(`${name}: ${cases} cases held, in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return 0;
}
