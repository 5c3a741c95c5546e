/**
 * Products by a wide matrix in blocks of its columns. OpenVINO's float32 kernel reads the right matrix in place where its
 * rows are no power of two: rows far apart then meet in the same lines of the caches. In blocks, copies included, such
 * products are 1.2 to 2 times as fast from some 2,500 columns on (docs/performance.md); BERT-base has them in the backward pass, 3,072
 * columns wide.
 */
import type { Node } from "../graph/graph.ts";
import type { LoweringContext, OnnxNode } from "./onnx-node.ts";

/** Columns up to which a product is as fast as one in blocks. */
const WIDE = 2048;
/** Columns of a block at least and at most: from 128 to 768 they are equally fast. */
const [LEAST_BLOCK, BLOCK] = [128, 384];

/** Whether a product `[M, K] x [K, N]`, its left matrix transposed or not, is faster in blocks. */
export function isWideProduct({ inputs, attributes }: Node): boolean {
  const [a, b] = inputs.map(({ dims }) => dims);
  const { transB } = attributes;
  if (a.length !== 2 || b.length !== 2 || transB === 1) return false;
  const columns = b[1];
  if (typeof columns !== "number" || columns <= WIDE || isPowerOfTwo(columns)) return false;
  return blockOf(columns) >= LEAST_BLOCK;
}

/** y = [op(A) B_1, op(A) B_2, …], the blocks as one product over a leading dim. */
export function* productInBlocks(node: Node, context: LoweringContext): Generator<OnnxNode> {
  let [a, b] = node.inputs.map(({ name }) => name);
  const columns = node.inputs[1].dims[1] as number;
  const block = blockOf(columns);
  if (node.attributes.transA === 1) a = yield* transposed(a, [1, 0], context); // [M, K]
  b = yield* reshaped(b, [0, columns / block, block], context.fresh("blocks"), context); // [K, columns / block, block]
  b = yield* transposed(b, [1, 0, 2], context);
  const product = context.fresh("product");
  yield { type: "MatMul", inputs: [a, b], outputs: [product], attributes: {} }; // [columns / block, M, block]
  const rows = yield* transposed(product, [1, 0, 2], context);
  yield* reshaped(rows, [0, columns], node.outputs[0].name, context);
}

function* transposed(x: string, perm: number[], context: LoweringContext): Generator<OnnxNode, string> {
  const name = context.fresh("transposed");
  yield { type: "Transpose", inputs: [x], outputs: [name], attributes: { perm } };
  return name;
}

/** 0 in `dims` keeps the dim. */
function* reshaped(
  x: string,
  dims: number[],
  name: string,
  context: LoweringContext,
): Generator<OnnxNode, string> {
  yield { type: "Reshape", inputs: [x, context.list(dims)], outputs: [name], attributes: {} };
  return name;
}

/** The largest divisor that is no larger than a block. */
function blockOf(columns: number): number {
  let block = BLOCK;
  while (columns % block !== 0) block--;
  return block;
}

function isPowerOfTwo(n: number): boolean {
  return (n & (n - 1)) === 0;
}
