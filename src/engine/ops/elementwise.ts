/** Elementwise operators (ONNX opset 20): arithmetic with NumPy broadcasting, and functions of one value. */
import { broadcastDims } from "../graph/dims.ts";
import type { DType, Tensor } from "../graph/graph.ts";
import { apply, defineOp, expectFloat32, type TensorType } from "./define-op.ts";

function binary(type: string) {
  return ([a, b]: readonly TensorType[]): TensorType[] => {
    expectFloat32(type, [a, b]);
    return [{ dtype: "float32", dims: broadcastDims(type, a.dims, b.dims) }];
  };
}

function unary(type: string) {
  return ([x]: readonly TensorType[]): TensorType[] => {
    expectFloat32(type, [x]);
    return [x];
  };
}

// === Arithmetic ===

/** y = a + b;  da = dy, db = dy. */
export const Add = defineOp({ type: "Add", infer: binary("Add"), vjp: ([dy]) => [dy, dy] });

/** y = a - b;  da = dy, db = -dy. */
export const Sub = defineOp({ type: "Sub", infer: binary("Sub"), vjp: ([dy]) => [dy, neg(dy)] });

/** y = a b;  da = dy b, db = dy a. */
export const Mul = defineOp({
  type: "Mul",
  infer: binary("Mul"),
  vjp: ([dy], { inputs: [a, b] }) => [mul(dy, b), mul(dy, a)],
});

/** y = a / b;  da = dy / b, db = -dy y / b. */
export const Div = defineOp({
  type: "Div",
  infer: binary("Div"),
  vjp: ([dy], { inputs: [, b], outputs: [y] }) => {
    const da = div(dy, b);
    return [da, neg(mul(da, y))];
  },
});

/** A tensor, or a number that becomes a scalar constant. */
export type Operand = Tensor | number;

function operands(a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a === "number" && typeof b === "number") throw new TypeError("two numbers make no graph");
  const graph = typeof a === "number" ? (b as Tensor).graph : a.graph;
  return [typeof a === "number" ? graph.float32(a) : a, typeof b === "number" ? graph.float32(b) : b];
}

export const add = (a: Operand, b: Operand): Tensor => apply(Add, operands(a, b), {});
export const sub = (a: Operand, b: Operand): Tensor => apply(Sub, operands(a, b), {});
export const mul = (a: Operand, b: Operand): Tensor => apply(Mul, operands(a, b), {});
export const div = (a: Operand, b: Operand): Tensor => apply(Div, operands(a, b), {});

// === Functions of one value ===

/** y = -x;  dx = -dy. */
export const Neg = defineOp({ type: "Neg", infer: unary("Neg"), vjp: ([dy]) => [neg(dy)] });

/** y = exp x;  dx = dy y. */
export const Exp = defineOp({
  type: "Exp",
  infer: unary("Exp"),
  vjp: ([dy], { outputs: [y] }) => [mul(dy, y)],
});

/** y = erf x;  dx = dy 2/sqrt(pi) exp(-x^2). */
export const Erf = defineOp({
  type: "Erf",
  infer: unary("Erf"),
  vjp: ([dy], { inputs: [x] }) => [mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))],
});

/** y = tanh x;  dx = dy (1 - y^2). */
export const Tanh = defineOp({
  type: "Tanh",
  infer: unary("Tanh"),
  vjp: ([dy], { outputs: [y] }) => [mul(dy, sub(1, mul(y, y)))],
});

/** y = 1 / (1 + exp(-x));  dx = dy y (1 - y). */
export const Sigmoid = defineOp({
  type: "Sigmoid",
  infer: unary("Sigmoid"),
  vjp: ([dy], { outputs: [y] }) => [mul(dy, mul(y, sub(1, y)))],
});

/** y = log(1 + exp x);  dx = dy sigmoid(x). */
export const Softplus = defineOp({
  type: "Softplus",
  infer: unary("Softplus"),
  vjp: ([dy], { inputs: [x] }) => [mul(dy, sigmoid(x))],
});

/** y = max(x, 0);  dx = dy where y > 0, else 0. */
export const Relu = defineOp({
  type: "Relu",
  infer: unary("Relu"),
  vjp: ([dy], { outputs: [y] }) => [mul(dy, cast(greater(y, 0), "float32"))],
});

export const neg = (x: Tensor): Tensor => apply(Neg, [x], {});
export const exp = (x: Tensor): Tensor => apply(Exp, [x], {});
export const erf = (x: Tensor): Tensor => apply(Erf, [x], {});
export const tanh = (x: Tensor): Tensor => apply(Tanh, [x], {});
export const sigmoid = (x: Tensor): Tensor => apply(Sigmoid, [x], {});
export const softplus = (x: Tensor): Tensor => apply(Softplus, [x], {});
export const relu = (x: Tensor): Tensor => apply(Relu, [x], {});

// === Without a derivative ===

/** y = a > b, as bool. */
export const Greater = defineOp({
  type: "Greater",
  infer: ([a, b]) => [{ dtype: "bool", dims: broadcastDims("Greater", a.dims, b.dims) }],
  vjp: null,
});

/** Converts to another type; ONNX numbers the types: float 1, uint8 2, int32 6, int64 7, bool 9. */
export const Cast = defineOp<{ to: number }>({
  type: "Cast",
  infer: ([x], { to }) => [{ dtype: DTYPE_OF_ONNX[to], dims: x.dims }],
  vjp: null,
});

const ONNX_OF_DTYPE: Readonly<Record<DType, number>> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };
const DTYPE_OF_ONNX: Readonly<Record<number, DType>> = Object.fromEntries(
  Object.entries(ONNX_OF_DTYPE).map(([dtype, code]) => [code, dtype as DType]),
);

export const greater = (a: Operand, b: Operand): Tensor => apply(Greater, operands(a, b), {});
export const cast = (x: Tensor, dtype: DType): Tensor => apply(Cast, [x], { to: ONNX_OF_DTYPE[dtype] });
