/**
 * Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) with a derivative of its own, as FlashAttention
 * (Dao et al. 2022, appendix B) writes it. Letters: B bins, A heads, Q queries, S keys, D head size.
 */
import { customVjp, type Tensor } from "../engine/graph/graph.ts";
import { add, cast, mul, sub } from "../engine/ops/elementwise.ts";
import { matMul } from "../engine/ops/matmul.ts";
import { transpose } from "../engine/ops/movement.ts";
import { reduceSum } from "../engine/ops/reduce.ts";
import { softmax } from "../engine/ops/softmax.ts";

/**
 * O = (P m) V with P = softmax(Q K^T + bias): `q [B, A, Q, D]`, `k` and `v [B, A, S, D]`, `bias [B, 1, 1 or Q, S]` to
 * `[B, A, Q, D]`; `mask`, where probabilities are dropped, uint8 `[B, A, Q, S]`, 1 keeps. The caller has multiplied `q` by
 * 1 / sqrt D and, with a mask, `v` by 1 / keep, before they were `[.., Q or S, D]`: no pass over `[Q, S]` scales anything.
 *
 * dV^T = dO^T (P m),  dP = (dO V^T) m,  dS = P (dP - rowsum(dO O)),  dQ = dS K,  dK^T = Q^T dS. The row sum over [Q, D]
 * replaces one over [Q, S], and holds with dropout as well. P alone is kept for the backward pass beside inputs and
 * output. dV and dK come from their transposes: turning what has D columns costs less than what has S.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, mask?: Tensor): Tensor {
  const [output] = customVjp(
    "Attention",
    [q, k, v],
    () => {
      const p = softmax(add(matMul(q, k, { transB: true }), bias)); // [B, A, Q, S]
      return [matMul(masked(p, mask && cast(mask, "float32")), v), p] as const;
    },
    ([dO], [o, p]) => {
      if (!dO) return [null, null, null];
      // One conversion for both products, and not the forward pass's: its floats would wait until here.
      const kept = mask && cast(mask, "float32");
      const dV = turned(matMul(dO, masked(p, kept), { transA: true })); // [B, A, S, D]
      const dP = masked(matMul(dO, v, { transB: true }), kept); // [B, A, Q, S]
      const rowSum = reduceSum(mul(dO, o), { axes: [-1], keepDims: true }); // [B, A, Q, 1]
      const dS = mul(p, sub(dP, rowSum));
      return [matMul(dS, k), turned(matMul(q, dS, { transA: true })), dV];
    },
  );
  return output;
}

const masked = (x: Tensor, mask: Tensor | undefined): Tensor => (mask ? mul(x, mask) : x);

const turned = (x: Tensor): Tensor => transpose(x, [0, 1, 3, 2]);
