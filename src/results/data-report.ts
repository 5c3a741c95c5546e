/** data-report.json: what `inspect` says of a run's files. */
import { writeFileAtomic } from "../files/atomic.ts";
import { inspectData } from "../inference/inspect.ts";
import { isRepeatable } from "../training/dataset.ts";
import { DATA_REPORT } from "../training/run-folder/names.ts";
import type { KeptRun } from "../training/run-hooks.ts";

/** A report keeps something of each row in memory, which a corpus larger than that has no room for. */
const MOST_ROWS = 1_000_000;

/** Reads the rows once more; of very many, and of rows that come only once, there is no report. */
export async function writeDataReport({ folder, options, sources }: KeptRun): Promise<void> {
  if (sources.train.examples > MOST_ROWS) return;
  const { task, train, trainTags, validation } = options;
  const inputs = validation === undefined ? [train] : [train, validation];
  const again = await Promise.all(inputs.map(isRepeatable));
  if (again.includes(false)) return;
  const report = await inspectData({
    ...options,
    ...{ task, data: train, dataTags: trainTags, validation },
    model: sources.files.folder,
    maxSeqLength: sources.maxSeqLength,
  });
  await writeFileAtomic(`${folder}/${DATA_REPORT}`, `${JSON.stringify(report, null, 2)}\n`);
}
