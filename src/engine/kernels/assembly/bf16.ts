/** float32 to bf16: the upper half of its bits, rounded to nearest, halves to even, as the processor's VCVTNEPS2BF16. */

const QUIET_NAN: i32 = 0x7fc0;

/** Eight numbers, of which `low` has the first four. */
@inline
export function bf16x8(low: v128, high: v128): v128 {
  return i16x8.narrow_i32x4_u(bf16x4(low), bf16x4(high));
}

/** In the lower halves of the lanes. */
@inline
function bf16x4(x: v128): v128 {
  const even = v128.and(i32x4.shr_u(x, 16), i32x4.splat(1));
  const rounded = i32x4.shr_u(i32x4.add(x, i32x4.add(even, i32x4.splat(0x7fff))), 16);
  return v128.bitselect(i32x4.splat(QUIET_NAN), rounded, f32x4.ne(x, x));
}

@inline
export function bf16(x: f32): u16 {
  const bits = reinterpret<u32>(x);
  return <u16>(x != x ? QUIET_NAN : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/** out_i = x_i in bf16 */
export function roundToBf16(out: usize, x: usize, n: usize): void {
  for (; n >= 8; n -= 8) {
    v128.store(out, bf16x8(v128.load(x), v128.load(x, 16)));
    out += 16;
    x += 32;
  }
  for (; n > 0; n--) {
    store<u16>(out, bf16(load<f32>(x)));
    out += 2;
    x += 4;
  }
}
