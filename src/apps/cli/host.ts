/** What the command needs of the process that it runs in; tests pass their own. */
import type { Writable } from "node:stream";
import type { Library } from "./library.ts";

export interface Host {
  /** Results. */
  readonly stdout: Writable;
  /** Progress and errors. */
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether stderr is a terminal. */
  readonly isTTY: boolean;
  /** The terminal's width in characters, now. */
  readonly columns: () => number;
  /** Milliseconds from any start. */
  readonly now: () => number;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Whether something is being saved, which Ctrl-C does not cut off. */
  readonly hold: (held: boolean) => void;
  /** What people type to run the command; the suggested next commands begin with it. */
  readonly commandName: string;
  readonly version: string;
  /** Opens a file with what the desktop has for it; false where there is no desktop. */
  readonly openFile: (path: string) => Promise<boolean>;
  /** Help and usage errors never call it: the runtime's library takes longer to load than they to print. */
  readonly loadLibrary: () => Promise<Library>;
}
