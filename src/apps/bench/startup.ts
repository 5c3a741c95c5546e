/** `--suite startup`: from the start of `bertwright train` to the end of its first training step. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../../util/errors.ts";
import { COMMAND } from "./command-file.ts";
import { runProgram } from "./process.ts";
import type { Report } from "./report.ts";
import { compare } from "./statistics.ts";

export interface StartupOptions {
  runs: number;
  /** Default: the command's own. */
  model?: string;
}

const ROWS = 64;
const TOPICS = ["billing", "delivery", "password"];

export async function benchStartup({ runs, model }: StartupOptions, report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bertwright-bench-"));
  try {
    const train = join(folder, "train.csv");
    writeFileSync(train, tinyCsv());
    // The first run may have to fetch the model.
    await firstStepSeconds(train, join(folder, "first"), model);
    const seconds: number[] = [];
    for (let run = 0; run < runs; run++) {
      seconds.push(await firstStepSeconds(train, join(folder, String(run)), model));
    }
    report.add(compare("startup", "s", seconds, undefined), `${runs} runs`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function firstStepSeconds(train: string, output: string, model?: string): Promise<number> {
  const args = [COMMAND, "train", "--train", train, "--output", output, "--max-steps", "1"];
  if (model !== undefined) args.push("--model", model);
  let first: number | undefined;
  const { status, stderr } = await runProgram(
    { file: process.execPath, args: [...args, "--progress", "json"] },
    (line, seconds) => {
      if (first === undefined && line.includes('"type":"step"')) first = seconds;
    },
  );
  if (status !== 0 || first === undefined) {
    throw new InputError(`bertwright train made no step: ${stderr.trim().split("\n").at(-1)}`);
  }
  return first;
}

function tinyCsv(): string {
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const topic = TOPICS[row % TOPICS.length];
    return `Please help me with my ${topic} number ${row},${topic}`;
  });
  return `text,label\n${rows.join("\n")}\n`;
}
