/** Medians, and the ratios of measurements that were taken in turns. */

/** Whether more of a unit is better. */
const MORE_IS_BETTER = {
  ms: false,
  s: false,
  MB: false,
  "tokens/s": true,
  "rows/s": true,
  GFLOPS: true,
  "%": false,
} as const;

export type Unit = keyof typeof MORE_IS_BETTER;

/** What one case measured, as one line of the JSON file has it. */
export interface Measurement {
  case: string;
  unit: Unit;
  /** Median over the turns. */
  ours: number;
  /** The same of the peer; null where there is none. So are the ratios. */
  peer: number | null;
  /** Of the paired turns: above 1, ours is better. */
  ratio_min: number | null;
  ratio_median: number | null;
  ratio_max: number | null;
  /** The turns that are furthest from the median. */
  ours_min: number;
  ours_max: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** `ours[i]` and `peer[i]` were taken one after the other. */
export function compare(
  name: string,
  unit: Unit,
  ours: readonly number[],
  peer: readonly number[] | undefined,
): Measurement {
  const ratio = (our: number, their: number) => (MORE_IS_BETTER[unit] ? our / their : their / our);
  const ratios = peer?.map((their, turn) => ratio(ours[turn], their));
  return {
    case: name,
    unit,
    ours: median(ours),
    peer: peer ? median(peer) : null,
    ratio_min: ratios ? Math.min(...ratios) : null,
    ratio_median: ratios ? median(ratios) : null,
    ratio_max: ratios ? Math.max(...ratios) : null,
    ours_min: Math.min(...ours),
    ours_max: Math.max(...ours),
  };
}

/**
 * Lets the sides measure in turns, so that what the machine does beside them meets all alike; every second turn goes
 * backwards, so that none always follows the same one. `sides` get the turn's number. Returns each side's values by
 * turn.
 */
export async function takeTurns(
  turns: number,
  sides: readonly ((turn: number) => Promise<number>)[],
): Promise<number[][]> {
  const values: number[][] = sides.map(() => []);
  const order = sides.map((_, side) => side);
  for (let turn = 0; turn < turns; turn++) {
    for (const side of turn % 2 === 0 ? order : order.toReversed()) {
      values[side].push(await sides[side](turn));
    }
  }
  return values;
}
