/** What a command works with beside its options. */
import { UsageError } from "../../util/errors.ts";
import type { Host } from "./host.ts";
import type { LineWriter } from "./line-writer.ts";
import type { ProgressMode } from "./options.ts";
import { createProgress, type Progress } from "./progress/progress.ts";

export interface Context {
  readonly host: Host;
  /** Standard output. */
  readonly output: LineWriter;
  /** The words of the command line, without the program's own name. */
  readonly argv: readonly string[];
  /** Whether stderr is read by a program, errors included. */
  jsonErrors: boolean;
  /** The exit status of a command that ends without an error. */
  status: number;
}

/** Runs `work` with progress on stderr; whatever happens, the terminal is left clean. */
export async function withProgress<T>(
  context: Context,
  mode: ProgressMode,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  context.jsonErrors = mode === "json";
  const progress = createProgress(mode, context.host);
  try {
    return await work(progress);
  } finally {
    progress.close();
  }
}

/** The value of an option that a command cannot do without. */
export function need<T>(value: T | undefined, command: string, option: string, meaning: string): T {
  if (value === undefined) throw new UsageError(`${command} needs ${option}: ${meaning}.`);
  return value;
}
