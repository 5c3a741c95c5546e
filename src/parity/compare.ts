/** How far our numbers are from recorded ones. */
import type { Checkpoint } from "../files/checkpoint.ts";
import type { StoredParameter } from "../training/parameter-store.ts";

export interface Worst {
  error: number;
  name: string;
}

export function relative(got: number, expected: number): number {
  return Math.abs(got - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);
}

export function largestDifference(got: ArrayLike<number>, expected: readonly number[]): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - got[i])), 0);
}

/**
 * The largest ||got - expected|| / max(||expected||, floor) over the recorded tensors, NaN counting as infinite.
 * `floorShare` of the norm over all tensors is the floor: what is zero but for rounding is judged by the whole.
 */
export async function worstTensor(
  recorded: Checkpoint,
  parameters: readonly StoredParameter[],
  read: (parameter: StoredParameter) => Float32Array,
  floorShare: number,
  skip: (name: string) => boolean = () => false,
): Promise<Worst> {
  const byName = new Map(parameters.map((parameter) => [parameter.spec.name, parameter]));
  const pairs: { name: string; norm: number; difference: number }[] = [];
  for (const [name, { shape }] of recorded.tensors) {
    if (skip(name)) continue;
    const parameter = byName.get(name);
    if (!parameter) return { error: Number.POSITIVE_INFINITY, name: `${name} is missing` };
    const expected = new Float32Array(shape.reduce((a, b) => a * b, 1));
    await recorded.readFloat32(name, expected);
    const got = read(parameter);
    pairs.push({ name, norm: norm(expected), difference: norm(expected.map((x, i) => x - got[i])) });
  }
  const floor = floorShare * Math.hypot(...pairs.map(({ norm }) => norm));
  let worst: Worst = { error: 0, name: "none" };
  for (const { name, norm, difference } of pairs) {
    const error = difference / Math.max(norm, floor, Number.MIN_VALUE);
    if (!(error <= worst.error))
      worst = { error: Number.isNaN(error) ? Number.POSITIVE_INFINITY : error, name };
  }
  return worst;
}

function norm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
