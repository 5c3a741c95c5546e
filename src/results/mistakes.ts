/** What is mistaken for what, counted over all rows. */

/** What is right, and what was predicted in its place. */
export type Mistake = readonly [gold: string, predicted: string];

export interface MistakeCount {
  gold: string;
  predicted: string;
  count: number;
}

/** So many kinds are listed. */
const MOST_LISTED = 20;

export class MistakeCounter {
  readonly #counts = new Map<string, MistakeCount>();

  add(mistakes: Iterable<Mistake>): void {
    for (const [gold, predicted] of mistakes) {
      const key = JSON.stringify([gold, predicted]);
      const found = this.#counts.get(key) ?? { gold, predicted, count: 0 };
      found.count++;
      this.#counts.set(key, found);
    }
  }

  /** The commonest first; of equally common ones the one that was first met. */
  list(): MistakeCount[] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count).slice(0, MOST_LISTED);
  }
}
