/** LayerNormalization and what its gradient reads: xhat = (x - mean) r and r = 1 / sqrt(var + epsilon). */
import type { Dims } from "../graph/dims.ts";
import type { Node } from "../graph/graph.ts";
import type { LoweringContext, OnnxNode } from "./onnx-node.ts";

/** By ONNX's operator, which tells mean and r; xhat is a difference and a product more. */
export function layerNorm(node: Node, context: LoweringContext): OnnxNode[] {
  const [x] = node.inputs;
  const [y, xhat, r] = node.outputs;
  if (!context.isRead(xhat) && !context.isRead(r)) return [operator(node, [y.name])];
  const mean = context.fresh("mean", r.dims);
  const difference = new Chain(context, x.name, x.dims).next("Sub", mean).next("Mul", r.name, xhat.name);
  return [operator(node, [y.name, mean, r.name]), ...difference.nodes];
}

/**
 * For OpenVINO, which has an operator for xhat that tells no statistics: mean and r of ONNX's operator it would compute
 * once more in the backward pass, with xhat, in five passes over x. With s = mean(x xhat) = r var and d = 1 / r:
 * d^2 - s d - epsilon = 0, so that r = 2 / (s + sqrt(s^2 + 4 epsilon)). It costs a product and its mean in the forward
 * pass. The mean's rounding counts (mean r)^2 times in s, which only the gradient reads: mean r is below 0.1 in MiniLM-L6.
 * Where a row is so far from zero that nothing of s is left, it is no longer positive; r then is 1 / sqrt(epsilon).
 */
export function layerNormByXhat(node: Node, context: LoweringContext): OnnxNode[] {
  const [x, gamma] = node.inputs;
  const [, xhat, r] = node.outputs;
  if (!context.isRead(xhat) && !context.isRead(r)) return layerNorm(node, context);
  const s = context.fresh("mean", r.dims);
  const product = new Chain(context, x.name, x.dims).next("Mul", xhat.name);
  const mean: OnnxNode = {
    type: "ReduceMean",
    inputs: [product.value, context.list([-1])],
    outputs: [s],
    attributes: { keepdims: 1 },
  };
  return [
    // Without gamma: ONNX asks for one, OpenVINO leaves a product with ones away.
    operator(node, [xhat.name], [x.name, context.ones(gamma.dims[0] as number)]),
    ...product.nodes,
    mean,
    ...scaled(node, s, context),
    ...reciprocalDeviation(node, s, context),
  ];
}

/** y = xhat gamma + beta. */
function scaled({ inputs, outputs }: Node, s: string, context: LoweringContext): OnnxNode[] {
  const [x, gamma, beta] = inputs;
  const [y, xhat, r] = outputs;
  // Adds nothing. But OpenVINO computes a value when another reads it: s now, so that x need not wait for r.
  const nothing = new Chain(context, s, r.dims).next("Mul", 0);
  const sum = new Chain(context, xhat.name, x.dims).next("Mul", gamma.name).next("Add", beta.name);
  return [...nothing.nodes, ...sum.next("Add", nothing.value, y.name).nodes];
}

/**
 * r = 2 / (s + sqrt(s^2 + 4 epsilon)), without s's last dim: OpenVINO would join this chain to the gradient's last product,
 * a pass over x of its own in which r is computed for each element. A change of dims ends a chain, and costs nothing.
 */
function reciprocalDeviation(
  { outputs: [, , r], attributes }: Node,
  s: string,
  context: LoweringContext,
): OnnxNode[] {
  const dims = r.dims.slice(0, -1);
  const last = context.list([-1]);
  const flat = context.fresh("squeezed", dims);
  const positive = new Chain(context, flat, dims).next("Relu");
  const sum = new Chain(context, positive.value, dims)
    .next("Mul", positive.value)
    .next("Add", 4 * (attributes.epsilon as number))
    .next("Sqrt")
    .next("Add", positive.value)
    .next("Reciprocal")
    .next("Mul", 2);
  return [
    { type: "Squeeze", inputs: [s, last], outputs: [flat], attributes: {} },
    ...positive.nodes,
    ...sum.nodes,
    { type: "Unsqueeze", inputs: [sum.value, last], outputs: [r.name], attributes: {} },
  ];
}

/** ONNX's operator: its outputs are y, mean and r. */
function operator(node: Node, outputs: string[], inputs = node.inputs.map(({ name }) => name)): OnnxNode {
  return { type: "LayerNormalization", inputs, outputs, attributes: node.attributes };
}

/** Operators of which each reads what the one before made, and at most one value beside it. */
class Chain {
  readonly nodes: OnnxNode[] = [];
  readonly #context: LoweringContext;
  readonly #dims: Dims;
  #value: string;

  /** Begins with the value `start`; what it makes has `dims`. */
  constructor(context: LoweringContext, start: string, dims: Dims) {
    this.#context = context;
    this.#dims = dims;
    this.#value = start;
  }

  /** The last value's name. */
  get value(): string {
    return this.#value;
  }

  /** `other` is a value's name, or a number that becomes a constant; `output` the result's name, by default a new one. */
  next(type: string, other?: string | number, output?: string): this {
    const operand = typeof other === "number" ? this.#context.scalar(other) : other;
    const inputs = operand === undefined ? [this.#value] : [this.#value, operand];
    this.#value = output ?? this.#context.fresh(type.toLowerCase(), this.#dims);
    this.nodes.push({ type, inputs, outputs: [this.#value], attributes: {} });
    return this;
  }
}
