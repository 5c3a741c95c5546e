/** Operators that move values without changing them (ONNX opset 20). */
import { addDims, type Dim, type Dims, normalizeAxis, sameDims, volume } from "../graph/dims.ts";
import type { Tensor } from "../graph/graph.ts";
import { apply, defineOp } from "./define-op.ts";
import { add, mul } from "./elementwise.ts";

/** Same values, other dims (`dims` is for us: ONNX reads the second input). dx = dy in x's dims. */
const ReshapeTo = (dims: Dims) =>
  defineOp({
    type: "Reshape",
    infer: ([x]) => [{ dtype: x.dtype, dims }],
    vjp: ([dy], { inputs: [x] }) => [reshape(dy, x.dims), null],
  });

/**
 * `x` in other dims. A symbolic dim must stand where `x` has it, or be the only one that does not: ONNX copies the
 * former (0) and infers the latter (-1).
 */
export function reshape(x: Tensor, dims: Dims): Tensor {
  if (sameDims(x.dims, dims)) return x;
  const target = dims.map((dim, i) => (typeof dim === "number" ? dim : dim === x.dims[i] ? 0 : -1));
  const open = target.filter((dim) => dim === -1).length;
  const what = () => `reshape: [${x.dims.join(", ")}] to [${dims.join(", ")}]`;
  if (open > 1) throw new TypeError(`${what()} leaves more than one dim open`);
  if (open === 0 && volume(x.dims) !== volume(dims)) {
    throw new TypeError(`${what()} changes the number of values`);
  }
  return apply(ReshapeTo(dims), [x, x.graph.int64(target)], {});
}

/** Axes in another order: y.dims[i] = x.dims[perm[i]];  dx = dy in the order that undoes it. */
export const Transpose = defineOp<{ perm: readonly number[] }>({
  type: "Transpose",
  infer: ([x], { perm }) => [{ dtype: x.dtype, dims: perm.map((axis) => x.dims[axis]) }],
  vjp: ([dy], _node, { perm }) => [
    transpose(
      dy,
      perm.map((_, i) => perm.indexOf(i)),
    ),
  ],
});

export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  const axes = [...perm].sort((a, b) => a - b);
  if (perm.length !== x.dims.length || axes.some((axis, i) => axis !== i)) {
    throw new TypeError(`transpose: [${perm}] is no order of ${x.dims.length} axes`);
  }
  return apply(Transpose, [x], { perm });
}

/** New dims of 1 at `axes`, which count in the result, negative ones from its end. */
export function unsqueeze(x: Tensor, axes: readonly number[]): Tensor {
  const rank = x.dims.length + axes.length;
  const places = axes.map((axis) => normalizeAxis("unsqueeze", axis, rank)).sort((a, b) => a - b);
  return apply(UnsqueezeAt(places), [x, x.graph.int64(places)], {});
}

const UnsqueezeAt = (axes: readonly number[]) =>
  defineOp({
    type: "Unsqueeze",
    infer: ([x]) => {
      const dims: Dim[] = [...x.dims];
      for (const axis of axes) dims.splice(axis, 0, 1);
      return [{ dtype: x.dtype, dims }];
    },
    vjp: ([dy]) => [squeeze(dy, axes), null],
  });

/** Without the dims of 1 at `axes`, which count from 0. */
export function squeeze(x: Tensor, axes: readonly number[]): Tensor {
  return apply(SqueezeAt(axes), [x, x.graph.int64(axes)], {});
}

const SqueezeAt = (axes: readonly number[]) =>
  defineOp({
    type: "Squeeze",
    infer: ([x]) => [{ dtype: x.dtype, dims: x.dims.filter((_, i) => !axes.includes(i)) }],
    vjp: ([dy]) => [unsqueeze(dy, axes), null],
  });

/** `x` broadcast to the dims of `like`: its zeros are added, so no shape tensor is needed. */
export function expandLike(x: Tensor, like: Tensor): Tensor {
  return sameDims(x.dims, like.dims) ? x : add(mul(like, 0), x);
}

/** Slices of `x` along axis 0 by `index`; no derivative: indices may repeat (see `gatherRows`). */
export const Gather = defineOp({
  type: "Gather",
  infer: ([x, index]) => {
    if (index.dtype !== "int64") throw new TypeError(`Gather: expected int64 indices, got ${index.dtype}`);
    return [{ dtype: x.dtype, dims: [...index.dims, ...x.dims.slice(1)] }];
  },
  vjp: null,
});

/** Rows of a table: `x [N, ...]`, `index [...]` int64 to `[index..., ...]`. */
export const gather = (x: Tensor, index: Tensor): Tensor => apply(Gather, [x, index], {});

/** Tensors one after the other along `axis`; no derivative, since nothing in training needs it. */
export const Concat = defineOp<{ axis: number }>({
  type: "Concat",
  infer: (inputs, { axis }) => {
    const [first, ...rest] = inputs;
    const size = rest.reduce<Dim>((sum, { dims }) => addDims(sum, dims[axis]), first.dims[axis]);
    return [{ dtype: first.dtype, dims: first.dims.map((dim, i) => (i === axis ? size : dim)) }];
  },
  vjp: null,
});

export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  return apply(Concat, inputs, { axis: normalizeAxis("concat", axis, inputs[0].dims.length) });
}
