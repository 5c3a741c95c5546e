/** Reductions (ONNX opset 20): sums and means along axes. */
import { type Dims, normalizeAxis } from "../graph/dims.ts";
import type { Tensor } from "../graph/graph.ts";
import { apply, defineOp, expectFloat32, type TensorType } from "./define-op.ts";
import { mul } from "./elementwise.ts";
import { expandLike, unsqueeze } from "./movement.ts";

export interface ReduceOptions {
  /** Axes to reduce; negative ones count from the end. All axes where it is missing. */
  axes?: readonly number[];
  /** Whether reduced axes stay as dims of 1. Default false. */
  keepDims?: boolean;
}

/** Sum along `axes` (ONNX reads them from the second input);  dx = dy, stretched back. */
const ReduceSumAlong = (axes: readonly number[]) =>
  defineOp<{ keepdims: number }>({
    type: "ReduceSum",
    infer: ([x], { keepdims }) => {
      expectFloat32("ReduceSum", [x]);
      return [{ dtype: "float32", dims: reducedDims(x, axes, keepdims === 1) }];
    },
    vjp: ([dy], { inputs: [x] }, { keepdims }) => [
      expandLike(keepdims === 1 ? dy : unsqueeze(dy, axes), x),
      null,
    ],
  });

export function reduceSum(x: Tensor, options: ReduceOptions = {}): Tensor {
  const axes = allAxes(x, options);
  // ONNX takes an empty list for all axes.
  if (axes.length === 0) return x;
  const keepdims = options.keepDims ? 1 : 0;
  return apply(ReduceSumAlong(axes), [x, x.graph.int64(axes)], { keepdims });
}

/** Mean along axes of known size. Throws `TypeError` for a symbolic one. */
export function reduceMean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const count = allAxes(x, options).reduce((product, axis) => {
    const dim = x.dims[axis];
    if (typeof dim !== "number") throw new TypeError(`reduceMean: dimension ${dim} has no size yet`);
    return product * dim;
  }, 1);
  return mul(reduceSum(x, options), 1 / count);
}

function allAxes(x: Tensor, { axes }: ReduceOptions): number[] {
  const rank = x.dims.length;
  return axes ? axes.map((axis) => normalizeAxis("reduceSum", axis, rank)) : x.dims.map((_, i) => i);
}

function reducedDims(x: TensorType, axes: readonly number[], keepDims: boolean): Dims {
  if (keepDims) return x.dims.map((dim, i) => (axes.includes(i) ? 1 : dim));
  return x.dims.filter((_, i) => !axes.includes(i));
}
