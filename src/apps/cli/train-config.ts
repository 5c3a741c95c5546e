/** `train --config` and `--print-config`: options from a file, and options told as a file has them. */
import { type Context, withProgress } from "./context.ts";
import type { DataOptions, FineTuneOptions } from "./library.ts";
import type { ProgressMode } from "./options.ts";

/** The option names of the library, but for those that only a program gives. */
export type RunFlags = DataOptions &
  Partial<Omit<FineTuneOptions, "train" | "validation" | "signal" | "onEvent">> & {
    train?: string;
    validation?: string;
  };

/** The options of a file, and those of the command line, which win. */
export async function withConfig(file: string, own: RunFlags, { host }: Context): Promise<RunFlags> {
  const { withOptionsFile } = await host.loadLibrary();
  // A file has paths where a program may have rows.
  return (await withOptionsFile(file, own)) as RunFlags;
}

export async function printConfigOf(
  options: RunFlags & Pick<FineTuneOptions, "task"> & { train: string },
  mode: ProgressMode,
  context: Context,
): Promise<void> {
  const { signal } = context.host;
  const resolved = await withProgress(context, mode, async (progress) => {
    const { previewOptions } = await context.host.loadLibrary();
    return previewOptions({ ...options, signal, onEvent: (event) => progress.show(event) });
  });
  await context.output.write(`${JSON.stringify({ options: resolved }, null, 2)}\n`);
}
