/** Series of values: thinned to what a drawing can show, and their moving mean. */

export type Point = readonly [x: number, y: number];

/** More points than that a line of some 400 units does not show. */
const MOST_POINTS = 400;

/** Every `n`-th point and the last, so that at most `most` are left. */
export function thinned<T>(points: readonly T[], most = MOST_POINTS): readonly T[] {
  if (points.length <= most) return points;
  const every = Math.ceil(points.length / (most - 1));
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
}

/** The share of all points that a moving mean is over. */
const WINDOW = 0.05;

/** Mean of a point and as many before as after it, fewer at the ends, so that nothing is shifted. */
export function smoothed(points: readonly Point[]): Point[] {
  const reach = Math.floor((points.length * WINDOW) / 2);
  const sums = [0];
  for (const [, value] of points) sums.push(sums[sums.length - 1] + value);
  return points.map(([x], i): Point => {
    const side = Math.min(reach, i, points.length - 1 - i);
    return [x, (sums[i + side + 1] - sums[i - side]) / (2 * side + 1)];
  });
}
