/** Progress on stderr, in the mode that was asked for. */
import type { Host } from "../host.ts";
import type { ProgressMode } from "../options.ts";
import { BarProgress } from "./bar.ts";
import { JsonProgress } from "./json.ts";
import { LineProgress } from "./lines.ts";
import { createPainter } from "./painter.ts";
import type { ProgressEvent } from "./wording.ts";

export interface Progress {
  show(event: ProgressEvent): void;
  /** Leaves the cursor at the start of an empty line. */
  close(): void;
}

export type ProgressHost = Pick<Host, "stderr" | "env" | "isTTY" | "columns" | "now">;

/** `auto` is a bar on a terminal and lines elsewhere; a bar without a terminal is lines too: a log has no cursor. */
export function createProgress(mode: ProgressMode, host: ProgressHost): Progress {
  const paint = createPainter(host);
  if (mode === "none") return { show: () => {}, close: () => {} };
  if (mode === "json") return new JsonProgress(host);
  const canDraw = host.isTTY && host.env.TERM !== "dumb";
  return mode !== "lines" && canDraw ? new BarProgress(host, paint) : new LineProgress(host, paint);
}
