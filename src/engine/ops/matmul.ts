/**
 * Matrix products over leading batch dims. One operator with flags for transposed operands: ONNX
 * Runtime's `FusedMatMul` (com.microsoft); the lowering of a runtime without it spells it out.
 */
import { broadcastDims, type Dims } from "../graph/dims.ts";
import type { Node, Tensor } from "../graph/graph.ts";
import { apply, defineOp, expectFloat32 } from "./define-op.ts";

type MatMulAttributes = { transA: number; transB: number };

/** y = op(a) op(b), op transposing the last two dims where its flag is 1. */
export const FusedMatMul = defineOp<MatMulAttributes>({
  type: "FusedMatMul",
  infer: ([a, b], { transA, transB }) => {
    expectFloat32("FusedMatMul", [a, b]);
    const [m, inner] = lastTwo(a.dims, transA);
    const [inner2, n] = lastTwo(b.dims, transB);
    if (inner !== inner2) {
      throw new TypeError(`matMul: inner dims differ: [${a.dims.join(", ")}] and [${b.dims.join(", ")}]`);
    }
    const batch = broadcastDims("matMul", a.dims.slice(0, -2), b.dims.slice(0, -2));
    return [{ dtype: "float32", dims: [...batch, m, n] }];
  },
  // With A = op(a), B = op(b): dA = dy B^T, dB = A^T dy, each transposed back where its flag is 1.
  vjp: ([dy], { inputs: [a, b] }, { transA, transB }) => [
    transA ? matMul(b, dy, { transA: transB === 1, transB: true }) : matMul(dy, b, { transB: transB === 0 }),
    transB ? matMul(dy, a, { transA: true, transB: transA === 1 }) : matMul(a, dy, { transA: transA === 0 }),
  ],
});

export interface MatMulOptions {
  transA?: boolean;
  transB?: boolean;
}

/** `a [..., M, K]`, `b [..., K, N]` to `[..., M, N]`; with `transA` a is `[..., K, M]`, with `transB` b `[..., N, K]`. */
export function matMul(a: Tensor, b: Tensor, options: MatMulOptions = {}): Tensor {
  const { transA = false, transB = false } = options;
  return apply(FusedMatMul, [a, b], { transA: transA ? 1 : 0, transB: transB ? 1 : 0 });
}

/** `[..., M, K, N]` of a node that is a matrix product: it takes twice the product of them in floating-point operations. */
export function productDims({ type, inputs, outputs, attributes }: Node): Dims | undefined {
  if (type !== FusedMatMul.type) return undefined;
  const [, inner] = lastTwo(inputs[0].dims, attributes.transA as number);
  const dims = outputs[0].dims;
  return [...dims.slice(0, -1), inner, dims[dims.length - 1]];
}

function lastTwo(dims: Dims, transposed: number): Dims {
  if (dims.length < 2) throw new TypeError(`matMul: expected at least two dims, got [${dims.join(", ")}]`);
  const [rows, columns] = dims.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}
