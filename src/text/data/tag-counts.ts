/** Tags of a file and of its words, counted while it streams by. */
import { compareCodePoints } from "./labels.ts";

/** As the file has a tag, or in the one form that training gives to all schemes. */
export type TagForm = "written" | "trained";

/**
 * Counts tags in both forms at once: which of them is trained on depends on the scheme, and that is told when all
 * sentences are there.
 */
export class TagCounts {
  readonly #ids = new Map<string, Map<string, number>>();
  readonly #pairs: (Record<TagForm, string> & { count: number; line: number })[] = [];
  readonly #words = new Map<string, Map<number, number>>();

  /** `line`: of the sentence. */
  add(word: string, written: string, trained: string, line: number): void {
    const id = this.#idOf(written, trained, line);
    this.#pairs[id].count++;
    const own = this.#words.get(word);
    if (own === undefined) this.#words.set(word, new Map([[id, 1]]));
    else own.set(id, (own.get(id) ?? 0) + 1);
  }

  #idOf(written: string, trained: string, line: number): number {
    const byTrained = this.#ids.get(written) ?? new Map<string, number>();
    this.#ids.set(written, byTrained);
    const id = byTrained.get(trained) ?? this.#pairs.length;
    if (id < this.#pairs.length) return id;
    byTrained.set(trained, id);
    this.#pairs.push({ written, trained, count: 0, line });
    return id;
  }

  /** Each tag with its count and the first line that has it. */
  tags(form: TagForm): Map<string, { count: number; line: number }> {
    const found = new Map<string, { count: number; line: number }>();
    for (const { [form]: tag, count, line } of this.#pairs) {
      const before = found.get(tag);
      found.set(tag, { count: count + (before?.count ?? 0), line: before?.line ?? line });
    }
    return found;
  }

  /** The most frequent tag of a word, undefined for a word that was never there. */
  tagOfWord(form: TagForm): (word: string) => string | undefined {
    const known = new Map<string, string>();
    for (const [word, ids] of this.#words) {
      const counts = new Map<string, number>();
      for (const [id, count] of ids) {
        const tag = this.#pairs[id][form];
        counts.set(tag, (counts.get(tag) ?? 0) + count);
      }
      known.set(word, mostFrequent(counts));
    }
    return (word) => known.get(word);
  }
}

/** Of equally frequent ones the first in Python's order. */
export function mostFrequent(counts: ReadonlyMap<string, number>): string {
  const [[tag]] = [...counts].sort(([a, m], [b, n]) => n - m || compareCodePoints(a, b));
  return tag;
}
