/** Progress on a terminal: one line that is drawn over once a second; what should stay is written above it. */

import { formatCount, formatLoss, formatPlural, formatRate } from "../../../util/format.ts";
import type { Painter } from "./painter.ts";
import type { Progress, ProgressHost } from "./progress.ts";
import { Throttle } from "./throttle.ts";
import {
  describeLasting,
  formatReceived,
  formatSpeed,
  formatTimeLeft,
  isPassing,
  type PassingEvent,
  type ProgressEvent,
} from "./wording.ts";

const ERASE_LINE = "\r\x1b[K";
const INTERVAL_MS = 1000;
const LONGEST_BAR = 30;
const SHORTEST_BAR = 10;

export class BarProgress implements Progress {
  readonly #host: ProgressHost;
  readonly #paint: Painter;
  #throttle: Throttle;
  #drawn = false;

  constructor(host: ProgressHost, paint: Painter) {
    this.#host = host;
    this.#paint = paint;
    this.#throttle = new Throttle(host.now);
  }

  show(event: ProgressEvent): void {
    if (isPassing(event)) {
      if (this.#throttle.pass(INTERVAL_MS)) this.#draw(event);
      return;
    }
    this.close();
    this.#host.stderr.write(`${describeLasting(event, this.#paint)}\n`);
    this.#throttle = new Throttle(this.#host.now); // the line is free: the next state may show at once
  }

  close(): void {
    if (this.#drawn) this.#host.stderr.write(ERASE_LINE);
    this.#drawn = false;
  }

  #draw(event: PassingEvent): void {
    const { bar, rest } = layOut(event, this.#host.columns());
    this.#host.stderr.write(`${ERASE_LINE}${this.#paint("green", bar)}${rest}`);
    this.#drawn = true;
  }
}

/** The line in parts, shorter than `columns`: what matters least goes first, then the bar shrinks. */
export function layOut(event: PassingEvent, columns: number): { bar: string; rest: string } {
  const { done, facts } = describe(event);
  const percent = done === undefined ? "" : `${Math.floor(100 * done)} %`.padStart(5);
  const room = columns - 1; // a full line would wrap
  const kept = [...facts].sort((a, b) => a.rank - b.rank);
  const rest = () =>
    `${percent}  ${facts
      .filter((fact) => kept.includes(fact))
      .map(({ text }) => text)
      .join(", ")}`;
  while (kept.length > 1 && rest().length + 1 + SHORTEST_BAR > room) kept.pop();
  const width = Math.min(LONGEST_BAR, room - rest().length - 1);
  if (width < SHORTEST_BAR || done === undefined)
    return { bar: "", rest: rest().trimStart().slice(0, Math.max(0, room)) };
  const filled = Math.round(done * width);
  return { bar: "█".repeat(filled) + "░".repeat(width - filled), rest: ` ${rest()}` };
}

/** A fact with a low rank stays longest. */
interface Fact {
  text: string;
  rank: number;
}

function describe(event: PassingEvent): { done?: number; facts: Fact[] } {
  switch (event.type) {
    case "download":
      return {
        done: event.total ? Math.min(1, event.received / event.total) : undefined,
        facts: [
          { text: formatReceived(event), rank: 0 },
          { text: event.file, rank: 1 },
        ],
      };
    case "evaluating":
      return {
        done: event.done / Math.max(1, event.total),
        facts: [{ text: "evaluating", rank: 0 }],
      };
    case "saving":
      return { facts: [{ text: `saving after step ${formatCount(event.step)}`, rank: 0 }] };
    case "predicting":
      return { facts: [{ text: `predicted ${formatPlural(event.done, "row")}`, rank: 0 }] };
    case "step":
      return {
        done: event.step / Math.max(1, event.totalSteps),
        facts: [
          { text: `step ${formatCount(event.step)}/${formatCount(event.totalSteps)}`, rank: 0 },
          { text: `epoch ${event.epoch.toFixed(2)}`, rank: 5 },
          { text: `loss ${formatLoss(event.loss)}`, rank: 2 },
          { text: `rate ${formatRate(event.learningRate)}`, rank: 4 },
          { text: formatSpeed(event.tokensPerSecond), rank: 3 },
          { text: formatTimeLeft(event), rank: 1 },
        ],
      };
  }
}
