/** The command in a process: its streams, its signals, its exit status. */
import { readFileSync } from "node:fs";
import type { Host } from "./host.ts";
import { reportError } from "./report-error.ts";
import { runCommand } from "./run-command.ts";
import { commandName } from "./shell.ts";

const INTERRUPTED = 130;
/** Ctrl-C must end within a second, whatever a library is busy with. */
const GRACE_MS = 900;
/** npx hands on the signal that the terminal has already sent to everybody: that is no second one. */
const ECHO_MS = 250;

/** Runs the process's own command line and ends the process. */
export async function main(): Promise<void> {
  process.stderr.on("error", () => {}); // nobody listens to progress any more: go on without
  const host = createHost(listenForInterrupts());
  process.on("uncaughtException", (error) => process.exit(reportError(error, { host, jsonErrors: false })));
  const status = await runCommand(process.argv.slice(2), host);
  // Native libraries may hold threads that would keep the process.
  process.exit(status);
}

function createHost(signal: AbortSignal): Host {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    isTTY: process.stderr.isTTY === true,
    columns: () => process.stderr.columns ?? 80,
    now: () => performance.now(),
    signal,
    commandName: commandName(process.env, process.argv[1]),
    version: JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")).version,
    loadLibrary: () => import("../../node.ts"),
  };
}

/** The first Ctrl-C aborts the work; the second, or work that does not end, ends the process. */
function listenForInterrupts(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const interrupt = () => {
    if (controller.signal.aborted) {
      if (performance.now() - first > ECHO_MS) process.exit(INTERRUPTED);
      return;
    }
    first = performance.now();
    controller.abort();
    setTimeout(() => process.exit(INTERRUPTED), GRACE_MS).unref();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, interrupt);
  return controller.signal;
}
