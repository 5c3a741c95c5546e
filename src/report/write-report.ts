/** report.html and plots/ of a run's folder, made from its other files: at each evaluation, and at the end. */
import { writeFileAtomic, writeFilesAtomic } from "../files/atomic.ts";
import { fileExists } from "../files/source.ts";
import { readRunFile } from "../training/run-file.ts";
import { REPORT } from "../training/run-folder/names.ts";
import { reportPage } from "./page/page.ts";
import { plotFiles } from "./plots.ts";
import { readRun } from "./read-run.ts";
import type { RunState } from "./report-data.ts";

/**
 * Writes the report of a run and gives its path. `state`: how the run stands, where run.json cannot say it. Throws
 * `InputError` for a folder that no training wrote, or that cannot be written to.
 */
export async function writeReport(folder: string, state?: RunState["name"]): Promise<string> {
  const data = await readRun(folder, state);
  await writeFilesAtomic(folder, plotFiles(data));
  const path = reportPath(folder);
  await writeFileAtomic(path, reportPage(data));
  return path;
}

/** The path of a run's report, which is written where it is missing or the run had not come to its end. */
export async function obtainReport(folder: string): Promise<string> {
  const { status } = await readRunFile(folder);
  const path = reportPath(folder);
  return status === "finished" && (await fileExists(path)) ? path : writeReport(folder);
}

function reportPath(folder: string): string {
  return `${folder.replace(/(?<=.)[\\/]+$/, "")}/${REPORT}`;
}
