/** Fine-tuning with all that the folder of a run holds: training's own files, and what storeys above it write there. */
import { writeDataReport } from "../results/data-report.ts";
import type { EvaluationFile } from "../results/evaluation-file.ts";
import { writeResults } from "../results/write-results.ts";
import { fineTune as train } from "../training/fine-tune.ts";
import {
  type FineTuneSeedsOptions,
  type FineTuneSeedsResult,
  fineTuneSeeds as trainSeeds,
} from "../training/fine-tune-seeds.ts";
import type { FineTuneOptions, FineTuneResult as TrainingResult } from "../training/options.ts";
import { reportHooks } from "./report-hooks.ts";

export interface FineTuneResult extends TrainingResult {
  /**
   * How good the kept weights are on the validation rows, how sure that is, and what they mistake for what. Missing
   * without an output folder, without validation rows, and where those come only once.
   */
  evaluation?: EvaluationFile;
}

/**
 * Fine-tunes every parameter of a pretrained BERT and a new output layer on labelled text, and writes the folder of the
 * run (docs/run-folder.md).
 *
 * Mistakes are found in the order of their cost: options, runtime, configuration, header of the weights, vocabulary,
 * data, then downloads and training. Throws `UsageError` for options, `InputError` for files and rows, and rejects with
 * `signal.reason` on an abort. Before the first step nothing is written; after it, the record of the steps stays.
 */
export async function fineTune(options: FineTuneOptions): Promise<FineTuneResult> {
  const written: { evaluation?: EvaluationFile } = {};
  const result = await train(options, {
    ...reportHooks(options.onEvent),
    kept: async (run) => {
      written.evaluation = await writeResults(run);
      await writeDataReport(run);
    },
  });
  return { ...result, ...written };
}

/**
 * `fineTune` once a seed, one after the other. All folders are checked before the first run, and what `validationSplit`
 * holds out is the same for all of them. Throws as `fineTune` does; runs that are done stay.
 */
export function fineTuneSeeds(options: FineTuneSeedsOptions): Promise<FineTuneSeedsResult> {
  return trainSeeds(options, fineTune);
}
