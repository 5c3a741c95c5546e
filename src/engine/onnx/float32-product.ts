/**
 * Products in bf16 whose results are float32. OpenVINO computes in float32 what leads to an output without a product in
 * between: the residual stream, and the gradient that runs along it. A product there writes bf16 all the same, and a pass of
 * its own converts it, unless an operator is joined to the product: then it writes what that one makes, in float32 and
 * rounded once less.
 */
import type { Tensor } from "../graph/graph.ts";
import type { LoweringContext, OnnxNode } from "./onnx-node.ts";

/** Too small to change a sum, and not zero, whose addition would be left away. */
const NOTHING = 1e-30;

/** `nodes`, the last of which makes `y` by a product. What is an output alone OpenVINO writes in float32 by itself. */
export function inFloat32(nodes: readonly OnnxNode[], y: Tensor, context: LoweringContext): OnnxNode[] {
  if (!context.leadsToOutput(y)) return [...nodes];
  const product = context.fresh("product", y.dims);
  return [
    ...nodes.slice(0, -1),
    { ...nodes[nodes.length - 1], outputs: [product] },
    addNothing(product, y.name, context),
  ];
}

/** The operator that OpenVINO joins to the product `from`. */
export function addNothing(from: string, to: string, context: LoweringContext): OnnxNode {
  return { type: "Add", inputs: [from, context.scalar(NOTHING)], outputs: [to], attributes: {} };
}
