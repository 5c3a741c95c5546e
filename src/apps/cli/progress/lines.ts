/** Progress for a log: whole lines, no carriage returns, at most one a second and fewer in a long run. */
import type { Painter } from "./painter.ts";
import type { Progress, ProgressHost } from "./progress.ts";
import { Throttle } from "./throttle.ts";
import { describeLasting, describePassing, isPassing, type ProgressEvent } from "./wording.ts";

const SHORTEST_MS = 1000;
/** A run of an hour then writes a line a minute. */
const LINES_OF_A_RUN = 60;

export class LineProgress implements Progress {
  readonly #host: ProgressHost;
  readonly #paint: Painter;
  readonly #throttle: Throttle;
  readonly #start: number;

  constructor(host: ProgressHost, paint: Painter) {
    this.#host = host;
    this.#paint = paint;
    this.#throttle = new Throttle(host.now);
    this.#start = host.now();
  }

  show(event: ProgressEvent): void {
    if (!isPassing(event)) this.#write(describeLasting(event, this.#paint));
    else if (this.#throttle.pass(this.#interval())) this.#write(describePassing(event));
  }

  close(): void {}

  #interval(): number {
    return Math.max(SHORTEST_MS, (this.#host.now() - this.#start) / LINES_OF_A_RUN);
  }

  #write(text: string): void {
    this.#host.stderr.write(`${text}\n`);
  }
}
