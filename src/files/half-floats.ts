/** 16-bit floating point numbers to float32: IEEE 754 binary16 (F16) and bfloat16 (BF16). Every value is exact. */

let halves: Float32Array | undefined;

/** Writes the value of each binary16 bit pattern of `from` to `into`. */
export function float16ToFloat32(from: Uint16Array, into: Float32Array): void {
  halves ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => float16Value(bits));
  const table = halves;
  for (let i = 0; i < from.length; i++) into[i] = table[from[i]];
}

/** A bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat32(from: Uint16Array, into: Float32Array): void {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < from.length; i++) bits[i] = from[i] << 16;
}

function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24; // subnormal, and both zeros
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
