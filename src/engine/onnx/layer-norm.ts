/** LayerNormalization and what its gradient reads: xhat = (x - mean) r and r = 1 / sqrt(var + epsilon). */
import type { Node } from "../graph/graph.ts";
import { Chain } from "./chain.ts";
import type { LoweringContext, OnnxNode } from "./onnx-node.ts";

/** By ONNX's operator, which tells mean and r; xhat is a difference and a product more. */
export function layerNorm(node: Node, context: LoweringContext): OnnxNode[] {
  const [x] = node.inputs;
  const [y, xhat, r] = node.outputs;
  if (!hasGradient(node, context)) return [operator(node, [y.name])];
  const mean = context.fresh("mean", r.dims);
  const difference = new Chain(context, x.name, x.dims).next("Sub", mean).next("Mul", r.name, xhat.name);
  return [operator(node, [y.name, mean, r.name]), ...difference.nodes];
}

/**
 * For OpenVINO, which has an operator for xhat that tells no statistics: mean and r of ONNX's operator it would compute
 * once more in the backward pass, with xhat, in five passes over x. With s = mean(x xhat) = r var and d = 1 / r:
 * d^2 - s d - epsilon = 0, so that r = 2 / (s + sqrt(s^2 + 4 epsilon)): one pass more than y alone needs. The
 * mean's rounding counts (mean r)^2 times in r, which only the gradient reads; mean r is below 0.1 in MiniLM-L6.
 */
export function layerNormByXhat(node: Node, context: LoweringContext): OnnxNode[] {
  if (!hasGradient(node, context)) return layerNorm(node, context);
  const [x, gamma, beta] = node.inputs;
  const [y, xhat, r] = node.outputs;
  const s = context.fresh("mean", r.dims);
  const product = new Chain(context, x.name, x.dims).next("Mul", xhat.name);
  const root = new Chain(context, s, r.dims)
    .next("Mul", s)
    .next("Add", 4 * (node.attributes.epsilon as number))
    .next("Sqrt");
  // Adds nothing to y. But OpenVINO computes a value when another reads it: s now, so that x need not wait for r.
  const nothing = new Chain(context, s, r.dims).next("Mul", 0);
  const scaled = new Chain(context, xhat.name, x.dims).next("Mul", gamma.name).next("Add", beta.name);
  return [
    operator(node, [xhat.name], [x.name, context.ones(gamma.dims[0] as number)]),
    ...product.nodes,
    {
      ...{ type: "ReduceMean", inputs: [product.value, context.list([-1])], outputs: [s] },
      attributes: { keepdims: 1 },
    },
    ...nothing.nodes,
    ...scaled.next("Add", nothing.value, y.name).nodes,
    ...root.next("Add", s).next("Reciprocal").next("Mul", 2, r.name).nodes,
  ];
}

function hasGradient({ outputs: [, ...statistics] }: Node, context: LoweringContext): boolean {
  return statistics.some((tensor) => context.isRead(tensor));
}

/** ONNX's operator: its outputs are y, mean and r. */
function operator(node: Node, outputs: string[], inputs = node.inputs.map(({ name }) => name)): OnnxNode {
  return { type: "LayerNormalization", inputs, outputs, attributes: node.attributes };
}
