/** Writes the report of a run while it goes on. A report that cannot be written is a warning: the model matters more. */
import { fileExists } from "../files/source.ts";
import type { TrainingEvent } from "../training/events.ts";
import { RUN_FILE, readRunFile } from "../training/run-file.ts";
import type { RunHooks } from "../training/run-hooks.ts";
import { InputError } from "../util/errors.ts";
import { writeReport } from "./write-report.ts";

export function reportHooks(emit: (event: TrainingEvent) => void = () => {}): RunHooks {
  const guarded = async (write: () => Promise<unknown>) => {
    await write().catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
      emit({ type: "warning", message: `the report was not written: ${error.message}` });
    });
  };
  return {
    evaluated: (folder) => guarded(() => writeReport(folder)),
    ended: async (folder) => {
      // Without a record nothing has begun: what ended it is told by its own error.
      if (!(await fileExists(`${folder}/${RUN_FILE}`))) return;
      await guarded(async () => {
        const { status } = await readRunFile(folder);
        // A run that ends without being finished was stopped, or failed.
        await writeReport(folder, status === "finished" ? undefined : "stopped");
      });
    },
  };
}
