/** `bertwright show-report`: opens the report of a run in the browser, and prints its path. */
import type { Command } from "commander";
import { UsageError } from "../../../util/errors.ts";
import type { Context } from "../context.ts";
import { jsonOption } from "../options.ts";

export function addShowReport(program: Command, context: Context): void {
  program
    .command("show-report")
    .description("open the report of a run in the browser; print its path")
    .argument("<folder>", "what train wrote")
    .addOption(jsonOption("one JSON object on stdout, and open nothing: report"))
    .action((folder: string, flags: { json?: boolean }) => showReport(folder, flags, context));
}

async function showReport(
  folder: string,
  { json = false }: { json?: boolean },
  { host, output }: Context,
): Promise<void> {
  if (folder.trim() === "") throw new UsageError("show-report needs a folder: what train wrote.");
  const { obtainReport } = await host.loadLibrary();
  const report = await obtainReport(folder);
  if (json) return output.write(`${JSON.stringify({ report })}\n`);
  await output.write(`${report}\n`);
  await host.openFile(report);
}
