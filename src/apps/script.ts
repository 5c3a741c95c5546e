/** A program of the repository's own, such as `npm run parity`: arguments in, exit status out. */
import type { Writable } from "node:stream";
import { type Command, CommanderError } from "commander";
import { InputError, UsageError } from "../util/errors.ts";
import { checkValues, usageErrorOf } from "./cli/usage-errors.ts";

export interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/**
 * Parses `argv` (without program and script) and runs the command's action, which returns the exit status or nothing.
 * Resolves to the status: 2 for wrong usage, 1 for what else is wrong.
 */
export async function runScript(
  command: Command,
  argv: readonly string[],
  action: () => Promise<number>,
  { stdout, stderr }: Streams,
): Promise<number> {
  let status = 0;
  command
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => {}, // told below
    })
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageErrorOf(error, command);
    })
    .action(async () => {
      status = await action();
    });
  try {
    if (!argv.includes("--help") && !argv.includes("-h")) checkValues(command, argv);
    await command.parseAsync(argv, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // help was printed
    stderr.write(`Error: ${error instanceof InputError ? error.message : stackOf(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Runs a program with this process's arguments and streams, and ends the process with its status. */
export async function runAsProcess(
  program: (argv: readonly string[], streams: Streams) => Promise<number>,
): Promise<never> {
  process.stdout.on("error", endWithReader);
  const status = await program(process.argv.slice(2), process);
  await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  // Native libraries may hold threads that would keep the process.
  process.exit(status);
}

/** Whoever reads the output, such as `head`, has read enough. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}
