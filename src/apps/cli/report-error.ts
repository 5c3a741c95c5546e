/** Errors as people see them, and the exit status of each kind. */
import { InputError, UsageError } from "../../util/errors.ts";
import type { Context } from "./context.ts";
import type { Host } from "./host.ts";
import { Interruption } from "./interrupts.ts";
import { ReaderGone } from "./line-writer.ts";
import { createPainter } from "./progress/painter.ts";
import { withCommandName } from "./shell.ts";

export const STATUS = { done: 0, failed: 1, usage: 2 } as const;

/** Writes at most three lines to stderr and returns the exit status. `BERTWRIGHT_DEBUG=1` adds the stack. */
export function reportError(error: unknown, context: Pick<Context, "host" | "jsonErrors">): number {
  const { host } = context;
  if (error instanceof ReaderGone) return STATUS.done;
  const { title, message } = describe(error, host);
  if (context.jsonErrors) host.stderr.write(`${JSON.stringify({ type: "error", message })}\n`);
  else host.stderr.write(`${title && `${createPainter(host)("red", title)} `}${message}\n`);
  if (host.env.BERTWRIGHT_DEBUG === "1" && error instanceof Error) host.stderr.write(`${error.stack}\n`);
  if (host.signal.aborted) return interruption(host.signal).status;
  return error instanceof UsageError ? STATUS.usage : STATUS.failed;
}

function describe(error: unknown, { signal, commandName }: Host): { title: string; message: string } {
  if (error instanceof Interruption) return { title: "", message: error.message };
  const title = "Error:";
  // Also after Ctrl-C: that what there was could not be saved must be known.
  if (error instanceof InputError) return { title, message: withCommandName(error.message, commandName) };
  if (signal.aborted) return { title: "", message: interruption(signal).message };
  const text = error instanceof Error ? error.message : String(error);
  const message = `${text.split("\n", 1)[0]}\nThis was not expected. BERTWRIGHT_DEBUG=1 shows where it happened.`;
  return { title, message };
}

function interruption({ reason }: AbortSignal): Interruption {
  return reason instanceof Interruption ? reason : new Interruption();
}
