/** `--suite jobs`: a whole `bertwright train` from the shell, and a peer's command, in turns: wall time, peak memory. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../../util/errors.ts";
import { shellWord } from "../cli/shell.ts";
import { COMMAND } from "./command-file.ts";
import { type Finished, runProgram, shellProgram } from "./process.ts";
import type { Report } from "./report.ts";
import { compare, takeTurns } from "./statistics.ts";

export interface JobOptions {
  turns: number;
  /** Arguments of `bertwright`; `{output}` is a fresh folder each time. */
  jobArgs: string;
  /** A line for the shell, likewise. */
  peerCommand?: string;
}

export async function benchJob({ turns, jobArgs, peerCommand }: JobOptions, report: Report): Promise<void> {
  const ours = `${shellWord(process.execPath)} ${shellWord(COMMAND)} ${jobArgs}`;
  const lines = peerCommand === undefined ? [ours] : [ours, peerCommand];
  const memory: number[][] = lines.map(() => []);
  const [our, their] = await takeTurns(
    turns,
    lines.map((line, side) => async () => {
      const { seconds, peakMemoryMb = Number.NaN } = await runJob(line);
      memory[side].push(peakMemoryMb);
      report.note(`  ${side === 0 ? "ours" : "peer"} ${seconds.toFixed(1)} s, ${peakMemoryMb.toFixed(0)} MB`);
      return seconds;
    }),
  );
  report.add(compare("job", "s", our, their), `${turns} turns`);
  if (!memory.flat().some(Number.isNaN))
    report.add(compare("job-memory", "MB", memory[0], memory[1]), "peak of the largest process");
}

/** Runs the line to its end; a peak that the program itself has printed (`train --json`) counts where it is larger. */
async function runJob(template: string): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), "bertwright-bench-"));
  try {
    const line = template.replaceAll("{output}", shellWord(join(folder, "output")));
    const finished = await runProgram(shellProgram(line));
    if (finished.status !== 0) {
      const last = finished.stderr.trim().split("\n").slice(-2).join("\n");
      throw new InputError(`exit status ${finished.status}: ${line}\n${last}`);
    }
    const own = Number(/"peak_memory_mb":\s*([\d.]+)/.exec(finished.stdout)?.[1] ?? 0);
    const peak = Math.max(own, finished.peakMemoryMb ?? 0);
    return { ...finished, peakMemoryMb: peak > 0 ? peak : undefined };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
