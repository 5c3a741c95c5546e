/** The command in a process: its streams, its signals, its exit status. */
import { createRequire } from "node:module";
import type { Host } from "./host.ts";
import { type Interrupts, listenForInterrupts } from "./interrupts.ts";
import { openFile } from "./open-file.ts";
import { reportError } from "./report-error.ts";
import { runCommand } from "./run-command.ts";
import { commandName } from "./shell.ts";

/** Runs the process's own command line and ends the process. */
export async function main(): Promise<void> {
  process.stderr.on("error", () => {}); // nobody listens to progress any more: go on without
  const host = createHost(listenForInterrupts());
  process.on("uncaughtException", (error) => process.exit(reportError(error, { host, jsonErrors: false })));
  const status = await runCommand(process.argv.slice(2), host);
  // Native libraries may hold threads that would keep the process.
  process.exit(status);
}

function createHost(interrupts: Interrupts): Host {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    isTTY: process.stderr.isTTY === true,
    columns: () => process.stderr.columns ?? 80,
    now: () => performance.now(),
    ...interrupts,
    commandName: commandName(process.env, process.argv[1]),
    version: createRequire(import.meta.url)("bertwright/package.json").version,
    openFile: (path) => openFile(path, process),
    loadLibrary: () => import("../../node.ts"),
  };
}
