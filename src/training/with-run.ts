/** A run from its options to its sessions, handed to what trains it or only tries it, and closed behind it. */
import type { LoadedRuntime } from "../engine/runtime/runtimes.ts";
import type { Precision } from "../engine/runtime/session.ts";
import { checkOutput } from "../files/output-folder.ts";
import { ScratchFiles } from "../files/scratch-files.ts";
import { type OpenedRuntime, openRuntime } from "../runtimes/open-runtime.ts";
import { checkOptions } from "./check-options.ts";
import type { TrainingEvent } from "./events.ts";
import type { FineTuneOptions } from "./options.ts";
import { prepareRun, type Run } from "./prepare.ts";
import { outputOptions } from "./save-model.ts";
import { openSources, type Sources } from "./setup.ts";

export interface OpenedRun {
  readonly run: Run;
  readonly sources: Sources;
  readonly runtime: LoadedRuntime;
}

/**
 * Mistakes are found in the order of their cost: options, runtime, configuration, header of the weights, vocabulary,
 * data, then downloads and what `work` does. Nothing is written but downloads to the cache, and scratch files. `before`: the precision of a run
 * that goes on.
 */
export async function withRun<T>(
  options: FineTuneOptions,
  work: (opened: OpenedRun) => Promise<T>,
  before?: Precision,
): Promise<T> {
  const emit = options.onEvent ?? (() => {});
  checkOptions(options);
  if (options.output !== undefined) {
    await checkOutput(options.output, outputOptions(options.overwrite));
  }
  const scratch = new ScratchFiles();
  try {
    const runtime = await openRuntime({ ...options, before });
    announce(runtime, emit);
    const sources = await openSources(options, scratch, emit);
    try {
      return await withSessions(await prepareRun(options, sources, { runtime, scratch }, emit), (run) =>
        work({ run, sources, runtime }),
      );
    } finally {
      await sources.files.checkpoint.close();
    }
  } finally {
    scratch.close();
  }
}

async function withSessions<T>(run: Run, work: (run: Run) => Promise<T>): Promise<T> {
  try {
    return await work(run);
  } catch (error) {
    throw run.explain(error);
  } finally {
    run.step.dispose();
    run.validation?.scorer.dispose();
    run.store.end();
  }
}

function announce(runtime: OpenedRuntime, emit: (event: TrainingEvent) => void): void {
  const { name, version, precision } = runtime;
  emit({ type: "runtime", name, version, precision });
  for (const message of runtime.warnings) emit({ type: "warning", message });
}
