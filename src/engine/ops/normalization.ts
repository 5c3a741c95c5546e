/** Layer normalization over the last axis (Ba, Kiros and Hinton 2016; ONNX LayerNormalization-17). */
import type { Tensor } from "../graph/graph.ts";
import { applyAll, defineOp, expectFloat32 } from "./define-op.ts";
import { add, mul, sub } from "./elementwise.ts";
import { matMul } from "./matmul.ts";
import { reshape } from "./movement.ts";
import { reduceSum } from "./reduce.ts";

/**
 * y = xhat gamma + beta, xhat = (x - mean) r, r = 1 / sqrt(var + epsilon); outputs y, xhat, r, which each lowering makes in
 * its own way.
 * With g = dy gamma: dx = r (g - mean(g) - xhat mean(g xhat)), dgamma = sum(dy xhat), dbeta = sum(dy).
 */
export const LayerNormalization = defineOp<{ axis: number; epsilon: number }>({
  type: "LayerNormalization",
  infer: (inputs) => {
    expectFloat32("LayerNormalization", inputs);
    const [x, gamma, beta] = inputs;
    const size = x.dims.at(-1);
    if (typeof size !== "number") throw new TypeError("layerNormalization: the last dim must be known");
    if (gamma.dims[0] !== size || beta.dims[0] !== size) {
      const got = `${gamma.dims.join(", ")} and ${beta.dims.join(", ")}`;
      throw new TypeError(`layerNormalization: expected gamma and beta of ${size}, got ${got}`);
    }
    const statistics = { dtype: "float32" as const, dims: [...x.dims.slice(0, -1), 1] };
    return [x, x, statistics];
  },
  vjp: ([dy], { inputs: [x, gamma], outputs: [, xhat, r] }) => {
    const size = x.dims.at(-1) as number;
    const dyXhat = mul(dy, xhat);
    // mean(g) = dy (gamma / H), a product with one column: fewer passes over [T, H] than multiply and reduce.
    const weights = reshape(mul(gamma, 1 / size), [size, 1]);
    const meanG = matMul(dy, weights);
    const meanGXhat = matMul(dyXhat, weights);
    const dx = mul(r, sub(mul(dy, gamma), add(meanG, mul(xhat, meanGXhat))));
    const rows = x.dims.slice(0, -1).map((_, i) => i);
    return [dx, reduceSum(dyXhat, { axes: rows }), reduceSum(dy, { axes: rows })];
  },
});

/** `x [..., H]`, `gamma [H]`, `beta [H]` to `[..., H]`; `epsilon` is added to the variance. */
export function layerNormalization(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  return applyAll(LayerNormalization, [x, gamma, beta], { axis: -1, epsilon })[0];
}
