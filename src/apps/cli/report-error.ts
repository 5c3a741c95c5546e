/** Errors as people see them, and the exit status of each kind. */
import { InputError, UsageError } from "../../util/errors.ts";
import type { Context } from "./context.ts";
import type { Host } from "./host.ts";
import { ReaderGone } from "./line-writer.ts";
import { createPainter } from "./progress/painter.ts";
import { withCommandName } from "./shell.ts";

/** 130 is 128 + SIGINT, as shells have it. */
export const STATUS = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Writes at most three lines to stderr and returns the exit status. `BERTWRIGHT_DEBUG=1` adds the stack. */
export function reportError(error: unknown, context: Pick<Context, "host" | "jsonErrors">): number {
  const { host } = context;
  if (error instanceof ReaderGone) return STATUS.done;
  const { title, message } = describe(error, host);
  if (context.jsonErrors) host.stderr.write(`${JSON.stringify({ type: "error", message })}\n`);
  else host.stderr.write(`${title && `${createPainter(host)("red", title)} `}${message}\n`);
  if (host.env.BERTWRIGHT_DEBUG === "1" && error instanceof Error) host.stderr.write(`${error.stack}\n`);
  if (host.signal.aborted) return STATUS.interrupted;
  return error instanceof UsageError ? STATUS.usage : STATUS.failed;
}

function describe(
  error: unknown,
  { signal: { aborted }, commandName }: Host,
): { title: string; message: string } {
  if (aborted) return { title: "", message: "Interrupted." };
  const title = "Error:";
  if (error instanceof InputError) return { title, message: withCommandName(error.message, commandName) };
  const text = error instanceof Error ? error.message : String(error);
  const message = `${text.split("\n", 1)[0]}\nThis was not expected. BERTWRIGHT_DEBUG=1 shows where it happened.`;
  return { title, message };
}
