/**
 * Dropout masks by counter: byte i depends on (key, i) alone.
 * The counter i >> 1 goes through three keyed rounds of a 32-bit mixing function; its two 16-bit halves are the draws
 * of bytes i and i + 1. Mixing constants: "lowbias32", https://github.com/skeeto/hash-prospector.
 */

const MULTIPLIER_1: i32 = 0x7feb352d;
const MULTIPLIER_2: i32 = <i32>0x846ca68b;

@inline
function mix(x: u32): u32 {
  x = (x ^ (x >> 16)) * <u32>MULTIPLIER_1;
  x = (x ^ (x >> 15)) * <u32>MULTIPLIER_2;
  return x ^ (x >> 16);
}

/** `mix` on four lanes. */
@inline
function mix4(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(MULTIPLIER_1));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(MULTIPLIER_2));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** A round key: all four words of the key, hashed from another start for each round. */
@inline
function roundKey(start: u32, k0: u32, k1: u32, k2: u32, k3: u32): u32 {
  return mix(mix(mix(mix(start + k0) + k1) + k2) + k3);
}

@inline
function hash4(counter: v128, a: v128, b: v128, c: v128): v128 {
  return mix4(v128.xor(mix4(i32x4.add(mix4(v128.xor(counter, a)), b)), c));
}

/** Writes `n` bytes: 1 where the signed 16-bit draw is below `threshold`, else 0. */
export function dropoutMask(out: usize, n: usize, threshold: i32, k0: u32, k1: u32, k2: u32, k3: u32): void {
  const ka = roundKey(0x9e3779b9, k0, k1, k2, k3);
  const kb = roundKey(0x3c6ef372, k0, k1, k2, k3);
  const kc = roundKey(0xdaa66d2b, k0, k1, k2, k3);
  const a = i32x4.splat(ka);
  const b = i32x4.splat(kb);
  const c = i32x4.splat(kc);
  const limit = i16x8.splat(<i16>threshold);
  const ones = i8x16.splat(1);
  const four = i32x4.splat(4);
  let counter = i32x4(0, 1, 2, 3);
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const low = hash4(counter, a, b, c);
    counter = i32x4.add(counter, four);
    const high = hash4(counter, a, b, c);
    counter = i32x4.add(counter, four);
    const kept = i8x16.narrow_i16x8_s(i16x8.lt_s(low, limit), i16x8.lt_s(high, limit));
    v128.store(out + i, v128.and(kept, ones));
  }
  for (; i < n; i++) {
    const draw = mix(mix(mix((<u32>i >> 1) ^ ka) + kb) ^ kc) >> ((<u32>i & 1) << 4);
    store<u8>(out + i, <u8>(<i32>(<i16>draw) < threshold));
  }
}
