/** Passes over float32 arrays. Counts run down, so that an array may end at the last byte of a 4 GiB memory. */

/** Sum of x_i^2, see `squares`. */
export function sumOfSquares(x: usize, n: usize, sum: usize): void {
  store<f64>(sum, squares(x, n));
}

/**
 * Sum of x_i^2 in a fixed order: 64 elements at a time in float32, and those sums in float64. Each quarter of the array is
 * a stream of its own: memory answers four requests in hardly more time than one. Squares that are too large for
 * float32 are summed in float64.
 */
@inline
export function squares(x: usize, n: usize): f64 {
  const quarter: usize = (n >> 8) << 6;
  const sum = squaresOfQuarters(x, quarter) + squaresInFloat64(x + (quarter << 4), n - (quarter << 2));
  return sum < Infinity ? sum : squaresInFloat64(x, n);
}

function squaresOfQuarters(x: usize, quarter: usize): f64 {
  const y = x + (quarter << 2);
  const z = x + (quarter << 3);
  const w = z + (quarter << 2);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let start: usize = 0; start < quarter << 2; start += 64) {
    const a = squaresOf16(x + start);
    const b = squaresOf16(y + start);
    const c = squaresOf16(z + start);
    const d = squaresOf16(w + start);
    const four = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    low = f64x2.add(low, f64x2.promote_low_f32x4(four));
    high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(four, four, 1, 1)));
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/** In four lanes. */
@inline
function squaresOf16(x: usize): v128 {
  return f32x4.add(f32x4.add(square(x, 0), square(x, 16)), f32x4.add(square(x, 32), square(x, 48)));
}

@inline
function square(x: usize, offset: usize): v128 {
  const vector = v128.load(x + offset);
  return f32x4.mul(vector, vector);
}

function squaresInFloat64(x: usize, n: usize): f64 {
  let sum: f64 = 0;
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
