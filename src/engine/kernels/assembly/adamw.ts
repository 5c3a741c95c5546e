/** AdamW: Loshchilov & Hutter 2019 (https://arxiv.org/abs/1711.05101), in the form of torch.optim.AdamW. */
import { bf16, bf16x8 } from "./bf16";

/** What a step needs beside the arrays, each value in the four lanes of a vector. Returns the parameters. */
@inline
function update(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  offset: usize,
  decay: v128,
  oneMinusBeta1: v128,
  beta2: v128,
  oneMinusBeta2: v128,
  epsilon: v128,
  stepSize: v128,
  gradientScale: v128,
): v128 {
  const gradient = f32x4.mul(v128.load(g + offset), gradientScale);
  const m0 = v128.load(m + offset);
  // torch's lerp: m + (1 - beta1) (g - m)
  const m1 = f32x4.add(m0, f32x4.mul(oneMinusBeta1, f32x4.sub(gradient, m0)));
  const squares = f32x4.mul(f32x4.mul(oneMinusBeta2, gradient), gradient);
  const v1 = f32x4.add(f32x4.mul(v128.load(v + offset), beta2), squares);
  const denominator = f32x4.add(f32x4.sqrt(v1), epsilon);
  const decayed = f32x4.mul(v128.load(p + offset), decay);
  const p1 = f32x4.sub(decayed, f32x4.div(f32x4.mul(stepSize, m1), denominator));
  v128.store(m + offset, m1);
  v128.store(v + offset, v1);
  v128.store(p + offset, p1);
  return p1;
}

/**
 * One step on `n` float32 parameters. `stepSize` is lr sqrt(bc2) / bc1 and `epsilon` eps sqrt(bc2): the bias corrections
 * are folded into them, which spares a division a parameter (Kingma & Ba 2015, end of section 2). Where `rounded` is not
 * 0, the new parameters go there in bf16 too.
 */
export function adamw(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  rounded: usize,
  n: usize,
  decay: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
  stepSize: f32,
  gradientScale: f32,
): void {
  const d = f32x4.splat(decay);
  const b1 = f32x4.splat(oneMinusBeta1);
  const b2 = f32x4.splat(beta2);
  const b3 = f32x4.splat(oneMinusBeta2);
  const e = f32x4.splat(epsilon);
  const s = f32x4.splat(stepSize);
  const gs = f32x4.splat(gradientScale);
  for (; n >= 8; n -= 8) {
    const low = update(p, g, m, v, 0, d, b1, b2, b3, e, s, gs);
    const high = update(p, g, m, v, 16, d, b1, b2, b3, e, s, gs);
    if (rounded != 0) {
      v128.store(rounded, bf16x8(low, high));
      rounded += 16;
    }
    p += 32;
    g += 32;
    m += 32;
    v += 32;
  }
  for (; n > 0; n--) {
    const gradient = load<f32>(g) * gradientScale;
    const m0 = load<f32>(m);
    const m1 = m0 + oneMinusBeta1 * (gradient - m0);
    const v1 = load<f32>(v) * beta2 + oneMinusBeta2 * gradient * gradient;
    const p1 = load<f32>(p) * decay - (stepSize * m1) / (sqrt<f32>(v1) + epsilon);
    store<f32>(m, m1);
    store<f32>(v, v1);
    store<f32>(p, p1);
    if (rounded != 0) {
      store<u16>(rounded, bf16(p1));
      rounded += 2;
    }
    p += 4;
    g += 4;
    m += 4;
    v += 4;
  }
}
