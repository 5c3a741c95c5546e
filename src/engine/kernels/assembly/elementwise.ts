/** Passes over float32 arrays. Counts run down, so that an array may end at the last byte of a 4 GiB memory. */

/** Sum of x_i^2 in float64, in a fixed order: lane k of eight adds the elements k, k + 8, ... */
export function sumOfSquares(x: usize, n: usize, sum: usize): void {
  store<f64>(sum, squares(x, n));
}

@inline
export function squares(x: usize, n: usize): f64 {
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  for (; n >= 8; n -= 8) {
    const a = f64x2.promote_low_f32x4(v128.load64_zero(x));
    const b = f64x2.promote_low_f32x4(v128.load64_zero(x, 8));
    const c = f64x2.promote_low_f32x4(v128.load64_zero(x, 16));
    const d = f64x2.promote_low_f32x4(v128.load64_zero(x, 24));
    s0 = f64x2.add(s0, f64x2.mul(a, a));
    s1 = f64x2.add(s1, f64x2.mul(b, b));
    s2 = f64x2.add(s2, f64x2.mul(c, c));
    s3 = f64x2.add(s3, f64x2.mul(d, d));
    x += 32;
  }
  const s = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
  for (; n > 0; n--) {
    const value = <f64>load<f32>(x);
    sum += value * value;
    x += 4;
  }
  return sum;
}

/** into_i += x_i */
export function add(into: usize, x: usize, n: usize): void {
  for (; n >= 8; n -= 8) {
    v128.store(into, f32x4.add(v128.load(into), v128.load(x)));
    v128.store(into, f32x4.add(v128.load(into, 16), v128.load(x, 16)), 16);
    into += 32;
    x += 32;
  }
  for (; n > 0; n--) {
    store<f32>(into, load<f32>(into) + load<f32>(x));
    into += 4;
    x += 4;
  }
}

/** x_i *= factor */
export function scale(x: usize, n: usize, factor: f32): void {
  const vector = f32x4.splat(factor);
  for (; n >= 8; n -= 8) {
    v128.store(x, f32x4.mul(v128.load(x), vector));
    v128.store(x, f32x4.mul(v128.load(x, 16), vector), 16);
    x += 32;
  }
  for (; n > 0; n--) {
    store<f32>(x, load<f32>(x) * factor);
    x += 4;
  }
}
