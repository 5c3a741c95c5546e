/** Ctrl-C and its like: the first stops the work, which may then save what there is; the second ends the process. */
import { constants } from "node:os";

/** What the work is aborted with. */
export class Interruption extends Error {
  override name = "Interruption";
  /** As shells have it: 128 and the signal's number, 130 for Ctrl-C. */
  readonly status: number;

  constructor(signal: keyof typeof constants.signals = "SIGINT") {
    super("Interrupted.");
    this.status = 128 + constants.signals[signal];
  }
}

/** Ctrl-C must end within a second, whatever a library is busy with. */
const GRACE_MS = 900;
/** npx hands on the signal that the terminal has already sent to everybody: that is no second one. */
const ECHO_MS = 250;

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Whether something is being saved: it ends by itself, or with a second signal. */
  hold(held: boolean): void;
}

export function listenForInterrupts(): Interrupts {
  const controller = new AbortController();
  const { signal } = controller;
  let first = 0;
  let held = false;
  let end: NodeJS.Timeout | undefined;
  const setEnd = () => {
    clearTimeout(end);
    if (signal.aborted && !held) end = setTimeout(() => process.exit(signal.reason.status), GRACE_MS).unref();
  };
  const interrupt = (name: "SIGINT" | "SIGTERM" | "SIGHUP") => {
    const reason = new Interruption(name);
    if (signal.aborted) {
      if (performance.now() - first > ECHO_MS) process.exit(reason.status);
      return;
    }
    first = performance.now();
    controller.abort(reason);
    setEnd();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, interrupt);
  return {
    signal,
    hold: (now) => {
      held = now;
      setEnd();
    },
  };
}
