/** Softmax and its logarithm along the last axis (ONNX opset 13 on). */
import type { Tensor } from "../graph/graph.ts";
import { apply, defineOp, expectFloat32, type TensorType } from "./define-op.ts";
import { exp, mul, sub } from "./elementwise.ts";
import { reduceSum } from "./reduce.ts";

const same = (type: string) => (inputs: readonly TensorType[]) => {
  expectFloat32(type, inputs);
  return [inputs[0]];
};

/** y_i = exp(x_i) / sum_j exp(x_j);  dx = y (dy - sum(dy y)): uses the saved y, so exp is not run twice. */
export const Softmax = defineOp<{ axis: number }>({
  type: "Softmax",
  infer: same("Softmax"),
  vjp: ([dy], { outputs: [y] }) => [mul(y, sub(dy, reduceSum(mul(dy, y), { axes: [-1], keepDims: true })))],
});

/** y = x - log sum exp x;  dx = dy - exp(y) sum(dy). */
export const LogSoftmax = defineOp<{ axis: number }>({
  type: "LogSoftmax",
  infer: same("LogSoftmax"),
  vjp: ([dy], { outputs: [y] }) => [sub(dy, mul(exp(y), reduceSum(dy, { axes: [-1], keepDims: true })))],
});

/** `x [..., N]` to `[..., N]`, each slice along the last axis sums to 1. */
export const softmax = (x: Tensor): Tensor => apply(Softmax, [x], { axis: -1 });

/** `x [..., N]` to `[..., N]`: the logarithm of `softmax`, without overflow. */
export const logSoftmax = (x: Tensor): Tensor => apply(LogSoftmax, [x], { axis: -1 });
