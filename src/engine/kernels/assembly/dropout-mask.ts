/**
 * Dropout masks by counter: byte i depends on (key, i) alone.
 * The counter i >> 2 goes through two keyed rounds of a 32-bit mixing function; its four bytes are the first draws of the
 * four bytes that share it. A first draw decides by the high byte of a 16-bit limit (both less 128, as signed bytes); where
 * it equals that, a second one decides by the low byte. Bytes of a group of 256 with the same place in a vector of 16 share
 * their second draw: each is kept at a rate of 16 bits, and two of them are as good as independent, since both need a tie.
 * Mixing constants: "lowbias32", https://github.com/skeeto/hash-prospector.
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
function hash(counter: u32, a: u32, b: u32): u32 {
  return mix(mix(counter ^ a) + b);
}

/** `hash` on four lanes. */
@inline
function hash4(counter: v128, a: v128, b: v128): v128 {
  return mix4(i32x4.add(mix4(v128.xor(counter, a)), b));
}

const BF16_ONE: i16 = 0x3f80;

/** First draws that share second ones. */
const GROUP: usize = 256;

/** Writes `n` bytes: 1 where the 16-bit draw is below `limit`, 0 to 65,535, else 0. */
export function dropoutMask(out: usize, n: usize, limit: u32, k0: u32, k1: u32, k2: u32, k3: u32): void {
  fill<u8>(out, n, limit, k0, k1, k2, k3);
}

/** The same ones and zeros as `n` bf16 numbers. */
export function dropoutMaskBf16(out: usize, n: usize, limit: u32, k0: u32, k1: u32, k2: u32, k3: u32): void {
  fill<u16>(out, n, limit, k0, k1, k2, k3);
}

function fill<T>(out: usize, n: usize, limit: u32, k0: u32, k1: u32, k2: u32, k3: u32): void {
  const ka = roundKey(0x9e3779b9, k0, k1, k2, k3);
  const kb = roundKey(0x3c6ef372, k0, k1, k2, k3);
  const kc = roundKey(0xdaa66d2b, k0, k1, k2, k3);
  const kd = roundKey(0x78dde6e4, k0, k1, k2, k3);
  const a = i32x4.splat(ka);
  const b = i32x4.splat(kb);
  const high = i8x16.splat(<i8>(<i32>(limit >> 8) - 128));
  const low = i8x16.splat(<i8>limit);
  const ones = i8x16.splat(1);
  const bf16Ones = i16x8.splat(BF16_ONE);
  const four = i32x4.splat(4);
  let counter = i32x4(0, 1, 2, 3);
  let seconds = counter;
  let i: usize = 0;
  while (i + 16 <= n) {
    const ties = i8x16.lt_u(hash4(seconds, i32x4.splat(kc), i32x4.splat(kd)), low);
    seconds = i32x4.add(seconds, four);
    for (const end = min(i + GROUP, n); i + 16 <= end; i += 16) {
      const draws = hash4(counter, a, b);
      counter = i32x4.add(counter, four);
      const kept = v128.or(i8x16.lt_s(draws, high), v128.and(i8x16.eq(draws, high), ties));
      if (sizeof<T>() == 1) {
        v128.store(out + i, v128.and(kept, ones));
      } else {
        v128.store(out + (i << 1), v128.and(i16x8.extend_low_i8x16_s(kept), bf16Ones));
        v128.store(out + (i << 1), v128.and(i16x8.extend_high_i8x16_s(kept), bf16Ones), 16);
      }
    }
  }
  for (; i < n; i++) {
    const shift = (<u32>i & 3) << 3;
    const second = hash((<u32>(i >> 8) << 2) + ((<u32>i & 15) >> 2), kc, kd);
    const draw = (((hash(<u32>i >> 2, ka, kb) >> shift) + 128) & 255) << 8 | ((second >> shift) & 255);
    if (sizeof<T>() == 1) store<u8>(out + i, <u8>(draw < limit));
    else store<u16>(out + (i << 1), draw < limit ? BF16_ONE : 0);
  }
}
