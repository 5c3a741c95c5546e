/** Lets one event pass in an interval. */

export class Throttle {
  readonly #now: () => number;
  #next = Number.NEGATIVE_INFINITY;

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether the last one that passed is at least its interval ago; if so, this one passes. */
  pass(intervalMs: number): boolean {
    const time = this.#now();
    if (time < this.#next) return false;
    this.#next = time + intervalMs;
    return true;
  }
}
