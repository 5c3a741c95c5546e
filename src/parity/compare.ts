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
 * The largest ||got - expected|| / max(||expected||, floor) over all parameters, NaN counting as infinite; infinite too
 * where the two sides do not have the same tensors. `floorShare` of the norm over all tensors is the floor: what is
 * zero but for rounding is judged by the whole.
 */
export async function worstTensor(
  recorded: Checkpoint,
  parameters: readonly StoredParameter[],
  read: (parameter: StoredParameter) => Float32Array,
  floorShare: number,
  skip: (name: string) => boolean = () => false,
): Promise<Worst> {
  const mismatch = differentTensors(recorded, parameters);
  if (mismatch) return { error: Number.POSITIVE_INFINITY, name: mismatch };
  const pairs: { name: string; norm: number; difference: number }[] = [];
  for (const parameter of parameters) {
    const { name } = parameter.spec;
    if (skip(name)) continue;
    const got = read(parameter);
    const expected = new Float32Array(got.length);
    await recorded.readFloat32(name, expected);
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

/** What one side has and the other has not, or in another shape. */
function differentTensors({ tensors }: Checkpoint, parameters: readonly StoredParameter[]) {
  const ours = new Set(parameters.map(({ spec }) => spec.name));
  const foreign = [...tensors.keys()].find((name) => !ours.has(name));
  if (foreign) return `${foreign} is not ours`;
  for (const { spec } of parameters) {
    const shape = tensors.get(spec.name)?.shape;
    if (!shape) return `${spec.name} is not recorded`;
    if (String(shape) !== String(spec.dims)) return `${spec.name} is [${shape}], ours [${spec.dims}]`;
  }
  return undefined;
}

function norm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
