/** Arrays in an arena for tests of the kernels. */
import type { Arena } from "../../src/engine/kernels/arena.ts";

/** Makes copies of plain numbers in the arena. */
export function arraysIn(arena: Arena) {
  return {
    floats: (values: ArrayLike<number>) => filled(arena.float32(values.length), values),
    ids: (values: ArrayLike<number>) => filled(arena.int32(values.length), values),
    marksOf: (values: ArrayLike<number>) => filled(arena.uint8(values.length), values),
  };
}

function filled<T extends Float32Array | Int32Array | Uint8Array>(view: T, values: ArrayLike<number>): T {
  view.set(values);
  return view;
}

/** Deterministic values in (-1, 1), exact in float32. */
export function sequence(length: number, seed = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin((i + 1) * 12.9898 + seed * 78.233));
}

/** Every length around a vector's, twice a vector's, and one that is long. */
export const LENGTHS = [0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 1000, 1003];

/** By the definition: the upper half of the bits, the nearer of two, of two as near the even one. */
export function nearestBf16(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0];
  const [down, rest] = [bits >>> 16, bits & 0xffff];
  return rest > 0x8000 || (rest === 0x8000 && down % 2 === 1) ? down + 1 : down;
}
