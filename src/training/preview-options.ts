/** What a run would use, without the run: options given, chosen by the recipe, and defaults. */
import { ScratchFiles } from "../files/scratch-files.ts";
import { checkOptions } from "./check-options.ts";
import { hyperparameters } from "./hyperparameters.ts";
import type { FineTuneOptions } from "./options.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import { openSources } from "./setup.ts";

/**
 * All options with their values and origins, as `run.json` would have them. Model and data are opened, since the recipe
 * follows from both, and mistakes in them are errors as they are for `fineTune`; nothing is trained or written.
 */
export async function previewOptions(options: FineTuneOptions): Promise<ResolvedOptions> {
  checkOptions(options);
  const scratch = new ScratchFiles();
  try {
    const sources = await openSources(options, scratch, options.onEvent ?? (() => {}));
    try {
      return hyperparameters(options, sources).resolved;
    } finally {
      await sources.files.checkpoint.close();
    }
  } finally {
    scratch.close();
  }
}
