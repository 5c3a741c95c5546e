/** GELU and its two derivatives (Hendrycks and Gimpel 2016; ONNX Gelu-20). */
import type { Tensor } from "../graph/graph.ts";
import { apply, defineOp, expectFloat32 } from "./define-op.ts";
import { add, erf, exp, mul, sub, tanh } from "./elementwise.ts";
import { squeeze, unsqueeze } from "./movement.ts";

/**
 * Gaussian error linear unit, exact by erf or approximated by tanh.
 * y = x F(x), F the normal distribution function;  dx = dy (F(x) + x f(x)), f its density.
 */
export const Gelu = defineOp<{ approximate: "none" | "tanh" }>({
  type: "Gelu",
  infer: ([x]) => {
    expectFloat32("Gelu", [x]);
    return [x];
  },
  vjp: ([dy], { inputs: [x] }, { approximate }) => [
    mul(dy, approximate === "none" ? geluSlope(x) : geluTanhSlope(x)),
  ],
});

/**
 * F(x) + x f(x) with F(x) = (1 + erf(x / sqrt 2)) / 2 and f(x) = exp(-x^2 / 2) / sqrt(2 pi). Two chains in which each
 * value has one reader: OpenVINO computes a chain in one pass over the tensor, unless it reads the tensor that it begins
 * with once more. So x f(x) begins with x in other dims, which costs nothing.
 */
function geluSlope(x: Tensor): Tensor {
  const first = unsqueeze(x, [0]);
  // The factor 1 / sqrt(2 pi) is in the exponent: one pass less.
  const density = exp(add(mul(mul(first, first), -0.5), -0.5 * Math.log(2 * Math.PI)));
  const rest = squeeze(mul(density, x), [0]);
  return add(mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5), rest);
}

/** With t = tanh(c (x + a x^3)), c = sqrt(2/pi), a = 0.044715: (1 + t) / 2 + x (1 - t^2) c (1 + 3 a x^2) / 2. */
function geluTanhSlope(x: Tensor): Tensor {
  const c = Math.sqrt(2 / Math.PI);
  const square = mul(x, x);
  const t = tanh(mul(x, add(mul(square, 0.044715 * c), c)));
  const inner = mul(mul(x, sub(1, mul(t, t))), add(mul(square, 3 * 0.044715 * c), c));
  return mul(add(add(t, 1), inner), 0.5);
}

export const gelu = (x: Tensor, approximate: "none" | "tanh" = "none"): Tensor =>
  apply(Gelu, [x], { approximate });
