/** The rows that a report embeds: of each group the worst, so that every cell has rows behind it and the page stays small. */
import type { Group, Sample, TextPart } from "../report-data.ts";

/** Rows that a report embeds, but for one a group where there are more groups than that. */
const MOST_SAMPLES = 3000;
/** Rows of one group. */
const MOST_OF_A_GROUP = 300;
/** Characters of a row's text; the rest is left out. */
const MOST_CHARACTERS = 1500;

export interface GroupOfSample {
  key: string;
  label: string;
  right: boolean;
}

interface Kept {
  sample: Omit<Sample, "groups">;
  keys: readonly string[];
  order: number;
}

interface KeptGroup extends Omit<Group, "key"> {
  kept: Kept[];
}

export class Samples {
  readonly #groups = new Map<string, KeptGroup>();
  #mostOfAGroup = MOST_OF_A_GROUP;
  #rows = 0;

  add(sample: Omit<Sample, "groups">, groups: readonly GroupOfSample[]): void {
    const distinct = new Map(groups.map((group) => [group.key, group]));
    const text = shortened(sample.text);
    const kept: Kept = { sample: { ...sample, text }, keys: [...distinct.keys()], order: this.#rows++ };
    for (const { key, label, right } of distinct.values()) {
      const group = this.#groups.get(key) ?? { label, right, count: 0, kept: [] };
      group.count++;
      group.kept.push(kept);
      if (group.kept.length > 2 * this.#mostOfAGroup) group.kept = worst(group.kept, this.#mostOfAGroup);
      this.#groups.set(key, group);
    }
    this.#mostOfAGroup = Math.min(
      MOST_OF_A_GROUP,
      Math.ceil((2 * MOST_SAMPLES) / Math.max(1, this.#groups.size)),
    );
  }

  /** Groups of mistakes come first, then larger ones; samples begin with the worst. */
  finish(): { samples: Sample[]; groups: Group[] } {
    const sorted = [...this.#groups].sort(
      ([, a], [, b]) => Number(a.right) - Number(b.right) || b.count - a.count,
    );
    const groups = sorted.map(([key, { label, count, right }]): Group => ({ key, label, count, right }));
    const positions = new Map(groups.map(({ key }, i) => [key, i]));
    const share = Math.max(1, Math.floor(MOST_SAMPLES / Math.max(1, groups.length)));
    const chosen = new Set(sorted.flatMap(([, { kept }]) => worst(kept, share)));
    // What the small groups leave is for the worst of the others.
    for (const kept of worst(
      sorted.flatMap(([, group]) => group.kept),
      MOST_SAMPLES,
    )) {
      if (chosen.size >= MOST_SAMPLES) break;
      chosen.add(kept);
    }
    const samples = worst([...chosen], chosen.size).map(({ sample, keys }): Sample => {
      return { ...sample, groups: keys.map((key) => positions.get(key)!) };
    });
    return { samples, groups };
  }
}

/** The right answer was given the least probability; rows without a loss by how sure the prediction was. */
function badness({ loss, right, confidence = 0 }: Kept["sample"]): number {
  return loss ?? (right ? -confidence : confidence);
}

function worst(kept: readonly Kept[], count: number): Kept[] {
  const sorted = [...kept].sort((a, b) => badness(b.sample) - badness(a.sample) || a.order - b.order);
  return sorted.slice(0, count);
}

function shortened(parts: readonly TextPart[]): TextPart[] {
  const short: TextPart[] = [];
  let left = MOST_CHARACTERS;
  for (const part of parts) {
    const text = typeof part === "string" ? part : part.text;
    if (text.length > left) return [...short, `${text.slice(0, left)}…`];
    left -= text.length;
    short.push(part);
  }
  return short;
}
