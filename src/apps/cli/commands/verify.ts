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
    jsonOption(
      "one JSON object on stdout: steps, stopped_after, tensors, differing, gradients, export, drift",
    ),
  ]);
  command.action((folder: string, flags: VerifyFlags) => verify(folder, flags, context));
}

async function verify(run: string, flags: VerifyFlags, context: Context): Promise<void> {
  const { steps, progress: mode = "auto", json = false } = flags;
  const result = await withProgress(context, mode, async (progress) => {
    const { verifyRun } = await context.host.loadLibrary();
    return verifyRun({ run, steps, signal: context.host.signal, onEvent: (event) => progress.show(event) });
  });
  const { steps: done, stoppedAfter: stopped_after, ...rest } = result;
  await context.output.write(
    json ? `${JSON.stringify({ steps: done, stopped_after, ...rest })}\n` : describe(result),
  );
  const fault = faultOf(result);
  if (fault === undefined) return;
  throw new InputError(`${run}: ${fault}.\nPlease report it, with the output of bertwright doctor.`);
}

function faultOf({ differing, gradients, export: exported }: VerifyResult): string | undefined {
  if (differing.length > 0)
    return `a run that is stopped and resumed has other bits, in ${differing[0]} first`;
  const [wrong] = gradients.differing;
  if (wrong) return `the gradient of ${wrong.name} is not what the loss does`;
  if (exported.differing.length > 0)
    return `the saved model has other bits, in ${exported.differing[0]} first`;
  const [row] = exported.differingRows;
  return row === undefined ? undefined : `the saved model says something else of training row ${row + 1}`;
}

function describe(result: VerifyResult): string {
  const { steps, stoppedAfter, tensors, differing, gradients, export: exported, drift } = result;
  const names = drift.map(({ name }) => name).join(", ");
  const verdict = (count: number, good: string, bad: string) => (count === 0 ? good : `${count} ${bad}`);
  return [
    `Resume: ${steps} steps straight, and stopped after step ${stoppedAfter} and resumed: ` +
      `${tensors} tensors of weights and moments, ${verdict(differing.length, "all bits the same", "with other bits")}.`,
    `Gradients: ${gradients.compared} of ${gradients.tensors} tensors by differences of the loss, ` +
      `${verdict(gradients.differing.length, "all agree", "do not agree")}; of the others it is too small to tell.`,
    `Saved model: ${exported.tensors} tensors of the checkpoint, ` +
      `${verdict(exported.differing.length, "all bits the same", "with other bits")}; ${exported.rows} rows, ` +
      `${verdict(exported.differingRows.length, "the same answers", "with other answers")}.`,
    ...(drift.length > 0 ? [`Not as when the run was made: ${names}.`] : []),
    "",
  ].join("\n");
}
