/** Axes: from values to places in a drawing, with ticks at round numbers (Heckbert, "Nice Numbers for Graph Labels", 1990). */

export interface Scale {
  readonly ticks: readonly number[];
  /** The place of a value. */
  (value: number): number;
}

/** A scale of values from `low` to `high` on places from `start` to `end`, with about `count` ticks inside. */
export function linearScale(
  [low, high]: readonly [low: number, high: number],
  [start, end]: readonly [start: number, end: number],
  count = 5,
): Scale {
  const place = (value: number) => start + ((value - low) / (high - low)) * (end - start);
  return Object.assign(place, { ticks: ticksBetween(low, high, count) });
}

/** Round numbers from `low` to `high`, both included where they are round. */
export function ticksBetween(low: number, high: number, count: number): number[] {
  const step = roundStep((high - low) / count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => clean((first + i) * step));
}

/** The round number, 1, 2 or 5 times a power of ten, that is nearest above or at `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return lead * power;
}

/** Without the dust of binary fractions. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}

/** Least and greatest of the finite values; a little around them where all are the same. Undefined where there are none. */
export function extent(values: Iterable<number>): [low: number, high: number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return undefined;
  if (low < high) return [low, high];
  const around = Math.abs(low) / 10 || 1;
  return [low - around, high + around];
}

/** The extent with its ends at ticks, so that no line runs along the frame. */
export function roundExtent([low, high]: readonly [number, number], count = 5): [number, number] {
  const step = roundStep((high - low) / count);
  return [clean(Math.floor(low / step + 1e-9) * step), clean(Math.ceil(high / step - 1e-9) * step)];
}

/** A tick's number as people write it: `1,200`, `0.05`, `2e-5`. */
export function tickLabel(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential().replace("+", "").replaceAll("-", "−");
  return value.toLocaleString("en", { maximumFractionDigits: 6 }).replace("-", "−");
}
