/** `bertwright verify`: whether what is promised of a run that stops holds for a run, here and now. */
import type { Command } from "commander";
import { InputError } from "../../../util/errors.ts";
import { type Context, withProgress } from "../context.ts";
import type { VerifyResult } from "../library.ts";
import { numberOption } from "../option-kinds.ts";
import { addGroup, jsonOption, type ProgressMode, progressOption } from "../options.ts";

interface VerifyFlags {
  steps?: number;
  progress?: ProgressMode;
  json?: boolean;
}

export function addVerify(program: Command, context: Context): void {
  const command = program
    .command("verify")
    .description("run a stretch of a run again, straight and stopped: are all bits the same?")
    .argument("<folder>", "the output folder of a run, with its run.json");
  addGroup(command, "Options:", [
    numberOption("--steps <n>", { whole: true, from: 2, to: 1_000_000 }, "of the stretch (default: 6)"),
    progressOption(),
    jsonOption("one JSON object on stdout: steps, stopped_after, tensors, differing, drift"),
  ]);
  command.action((folder: string, flags: VerifyFlags) => verify(folder, flags, context));
}

async function verify(run: string, flags: VerifyFlags, context: Context): Promise<void> {
  const { steps, progress: mode = "auto", json = false } = flags;
  const result = await withProgress(context, mode, async (progress) => {
    const { verifyRun } = await context.host.loadLibrary();
    return verifyRun({ run, steps, signal: context.host.signal, onEvent: (event) => progress.show(event) });
  });
  const { tensors, differing, drift, stoppedAfter } = result;
  const fields = { steps: result.steps, stopped_after: stoppedAfter, tensors, differing, drift };
  await context.output.write(json ? `${JSON.stringify(fields)}\n` : describe(result));
  if (differing.length === 0) return;
  throw new InputError(
    `${run}: a run that is stopped and resumed here has other bits, in ${differing[0]} first.\nPlease report it, with the output of bertwright doctor.`,
  );
}

function describe({ steps, stoppedAfter, tensors, differing, drift }: VerifyResult): string {
  const names = drift.map(({ name }) => name).join(", ");
  return [
    `${steps} steps straight, and stopped after step ${stoppedAfter} and resumed: ${tensors} tensors of weights and moments, ` +
      `${differing.length === 0 ? "all bits the same" : `${differing.length} with other bits`}.`,
    ...(drift.length > 0 ? [`Not as when the run was made: ${names}.`] : []),
    "",
  ].join("\n");
}
