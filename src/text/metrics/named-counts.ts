/** Counts and scores of classes that are known by their names, such as types of entities, as they turn up. */
import type { Counts, Scores } from "./scores.ts";
import { scores } from "./scores.ts";

export type NamedScores = Scores & { name: string; support: number };

/** The counts of `name`, which are put at 0 where it is new. */
export function countsOf(counts: Map<string, Counts>, name: string): Counts {
  let found = counts.get(name);
  if (found === undefined) {
    found = { truePositives: 0, predicted: 0, support: 0 };
    counts.set(name, found);
  }
  return found;
}

/** The scores of each name, sorted by it. */
export function namedScores(counts: ReadonlyMap<string, Counts>): NamedScores[] {
  const names = [...counts.keys()].sort();
  return names.map((name) => {
    const own = counts.get(name)!;
    return { name, ...scores(own), support: own.support };
  });
}
