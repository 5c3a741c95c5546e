/** A matrix of what was predicted by what is right, for a page: of many names only those with the most mistakes. */
import type { TagConfusion } from "../../text/metrics/tags.ts";
import { formatCount } from "../../util/format.ts";
import type { Matrix } from "../report-data.ts";
import type { GroupOfSample } from "./samples.ts";

/** More than that nobody reads. */
const MOST_NAMES = 24;

/** The rows of a cell. */
export function cellGroup(gold: string, predicted: string): GroupOfSample {
  const right = gold === predicted;
  const label = right ? `${gold}, right` : `${gold} predicted as ${predicted}`;
  return { key: JSON.stringify([gold, predicted]), label, right };
}

/** Names in the order of how often they are right answers. */
export function confusionMatrix({ tags, counts }: TagConfusion, unit: string): Matrix {
  const support = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const mistakes = tags.map((_, i) => {
    const column = counts.reduce((sum, row) => sum + row[i], 0);
    return support[i] + column - 2 * counts[i][i];
  });
  const all = tags.map((_, i) => i);
  const shown = all.sort((a, b) => mistakes[b] - mistakes[a]).slice(0, MOST_NAMES);
  shown.sort((a, b) => support[b] - support[a]);
  const names = shown.map((i) => tags[i]);
  const some =
    tags.length > MOST_NAMES
      ? ` The ${MOST_NAMES} names with the most mistakes of ${formatCount(tags.length)}.`
      : "";
  return {
    caption: `How many ${unit}s of each kind were predicted as what.${some}`,
    lines: names,
    columns: names,
    cells: shown.map((i) =>
      shown.map((j) => {
        const { key, right } = cellGroup(tags[i], tags[j]);
        return { count: counts[i][j], right, group: key };
      }),
    ),
  };
}
