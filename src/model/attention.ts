/**
 * Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) with a derivative of its own, as FlashAttention
 * (Dao et al. 2022, appendix B) writes it. Letters: B rows or bins, A heads, Q queries, S keys, D head size.
 */
import { customVjp, type Tensor } from "../engine/graph/graph.ts";
import { add, cast, mul, sub } from "../engine/ops/elementwise.ts";
import { matMul } from "../engine/ops/matmul.ts";
import { reduceSum } from "../engine/ops/reduce.ts";
import { softmax } from "../engine/ops/softmax.ts";

export interface AttentionDropout {
  /** uint8 [B, A, Q, S], 1 keeps. */
  readonly mask: Tensor;
  readonly probability: number;
}

/**
 * O = (P m / keep) V with P = softmax(Q K^T / sqrt D + bias): `q [B, A, Q, D]`, `k` and `v [B, A, S, D]`,
 * `bias [B, 1, 1 or Q, S]` to `[B, A, Q, D]`.
 *
 * dV = (P m / keep)^T dO,  dP = (dO V^T / keep) m,  dS = P (dP - rowsum(dO O)),  dQ = dS K / sqrt D,
 * dK = dS^T Q / sqrt D. The row sum over [Q, D] replaces one over [Q, S], and holds with dropout as well. P alone is
 * kept for the backward pass beside inputs and output.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, dropout?: AttentionDropout): Tensor {
  const scale = 1 / Math.sqrt(q.dims.at(-1) as number);
  const keepScale = dropout ? 1 / (1 - dropout.probability) : 1;
  const maskOf = (p: Tensor) => (dropout ? mul(p, cast(dropout.mask, "float32")) : p);
  const [output] = customVjp(
    "Attention",
    [q, k, v],
    () => {
      const p = softmax(add(matMul(q, k, { transB: true, alpha: scale }), bias)); // [B, A, Q, S]
      return [matMul(maskOf(p), v, { alpha: keepScale }), p] as const;
    },
    ([dO], [o, p]) => {
      if (!dO) return [null, null, null];
      const dV = matMul(maskOf(p), dO, { transA: true, alpha: keepScale }); // [B, A, S, D]
      const dP = maskOf(matMul(dO, v, { transB: true, alpha: keepScale })); // [B, A, Q, S]
      const rowSum = reduceSum(mul(dO, o), { axes: [-1], keepDims: true }); // [B, A, Q, 1]
      const dS = mul(p, sub(dP, rowSum));
      const dQ = matMul(dS, k, { alpha: scale });
      const dK = matMul(dS, q, { transA: true, alpha: scale });
      return [dQ, dK, dV];
    },
  );
  return output;
}
