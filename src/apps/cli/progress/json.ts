/** Progress for programs: every event as one JSON object a line. */
import type { Progress, ProgressHost } from "./progress.ts";
import { Throttle } from "./throttle.ts";
import { isPassing, type ProgressEvent } from "./wording.ts";

export class JsonProgress implements Progress {
  readonly #host: ProgressHost;
  readonly #throttle: Throttle;

  constructor(host: ProgressHost) {
    this.#host = host;
    this.#throttle = new Throttle(host.now);
  }

  show(event: ProgressEvent): void {
    // Each step is a point of somebody's curve; bytes and rows counted on the way are not.
    const counting = isPassing(event) && event.type !== "step";
    if (!counting || this.#throttle.pass(1000)) this.#host.stderr.write(`${JSON.stringify(event)}\n`);
  }

  close(): void {}
}
