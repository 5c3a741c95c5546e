/** AdamW on a table [rows, width] of which a batch reads few rows: see `adamw`. */
import { adamw } from "./adamw";
import { scale } from "./elementwise";
import { HAD_GRADIENT, HAS_GRADIENT } from "./rows";

/**
 * Moments below these become zero. Where no batch reads a row for some hundred steps, its moments shrink to denormal
 * numbers, with which a processor takes 30 times as long, and there they stay: 0.1 of the smallest rounds to zero. The
 * bounds leave all products of theirs normal numbers. What is lost is far below what a float32 parameter shows beside an
 * epsilon of 1e-8.
 */
const LEAST_MOMENT_1: f32 = 7.888609052210118e-31; // 2^-100
const LEAST_MOMENT_2: f32 = 7.52316384526264e-37; // 2^-120

/** `marks` has a byte a row: rows that never had a gradient have moments of zero, so their step is the decay alone. */
export function adamwRows(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  marks: usize,
  rows: usize,
  width: usize,
  decay: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
  stepSize: f32,
  gradientScale: f32,
): void {
  const stride = width << 2;
  for (let r: usize = 0; r < rows; r++) {
    const mark = load<u8>(marks + r);
    if (mark == HAS_GRADIENT) {
      adamw(p, g, m, v, 0, width, decay, oneMinusBeta1, beta2, oneMinusBeta2, epsilon, stepSize, gradientScale);
    } else if (mark == HAD_GRADIENT) {
      adamwWithoutGradient(p, m, v, width, decay, oneMinusBeta1, beta2, epsilon, stepSize);
    } else if (decay != 1) {
      scale(p, width, decay);
    }
    p += stride;
    g += stride;
    m += stride;
    v += stride;
  }
}

/** `adamw` with a gradient of zeros, which is not read. */
function adamwWithoutGradient(
  p: usize,
  m: usize,
  v: usize,
  n: usize,
  decay: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  epsilon: f32,
  stepSize: f32,
): void {
  const d = f32x4.splat(decay);
  const b1 = f32x4.splat(oneMinusBeta1);
  const b2 = f32x4.splat(beta2);
  const e = f32x4.splat(epsilon);
  const s = f32x4.splat(stepSize);
  for (; n >= 8; n -= 8) {
    update(p, m, v, 0, d, b1, b2, e, s);
    update(p, m, v, 16, d, b1, b2, e, s);
    p += 32;
    m += 32;
    v += 32;
  }
  for (; n > 0; n--) {
    const m0 = load<f32>(m);
    let m1 = m0 - oneMinusBeta1 * m0;
    if (abs<f32>(m1) < LEAST_MOMENT_1) m1 = 0;
    let v1 = load<f32>(v) * beta2;
    if (v1 < LEAST_MOMENT_2) v1 = 0;
    store<f32>(m, m1);
    store<f32>(v, v1);
    store<f32>(p, load<f32>(p) * decay - (stepSize * m1) / (sqrt<f32>(v1) + epsilon));
    p += 4;
    m += 4;
    v += 4;
  }
}

@inline
function update(
  p: usize,
  m: usize,
  v: usize,
  offset: usize,
  decay: v128,
  oneMinusBeta1: v128,
  beta2: v128,
  epsilon: v128,
  stepSize: v128,
): void {
  const m0 = v128.load(m + offset);
  const shrunk = f32x4.sub(m0, f32x4.mul(oneMinusBeta1, m0));
  const m1 = v128.andnot(shrunk, f32x4.lt(f32x4.abs(shrunk), f32x4.splat(LEAST_MOMENT_1)));
  const faded = f32x4.mul(v128.load(v + offset), beta2);
  const v1 = v128.andnot(faded, f32x4.lt(faded, f32x4.splat(LEAST_MOMENT_2)));
  const denominator = f32x4.add(f32x4.sqrt(v1), epsilon);
  const decayed = f32x4.mul(v128.load(p + offset), decay);
  v128.store(m + offset, m1);
  v128.store(v + offset, v1);
  v128.store(p + offset, f32x4.sub(decayed, f32x4.div(f32x4.mul(stepSize, m1), denominator)));
}
