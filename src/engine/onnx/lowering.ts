/**
 * How operators are written for a runtime, where the plain form is missing or slow there: one table a runtime, so that
 * no model knows which runtime it meets. What is not in a table is written as it is.
 */
import type { Node, Tensor } from "../graph/graph.ts";
import { inFloat32 } from "./float32-product.ts";
import { layerNorm, layerNormByXhat } from "./layer-norm.ts";
import type { LoweringContext, OnnxNode } from "./onnx-node.ts";
import { isRowSum, rowSum, rowSumInFloat32 } from "./row-sum.ts";
import { isWideProduct, productInBlocks } from "./wide-product.ts";

type Lower = (node: Node, context: LoweringContext) => readonly OnnxNode[];
/** Operators that ONNX does not have, or not with these outputs: each table writes them. */
type Ours = "FusedMatMul" | "LayerNormalization";
export type Lowering = Readonly<Record<string, Lower> & Record<Ours, Lower>>;

/** ONNX Runtime, CPU. */
export const onnxRuntimeLowering: Lowering = {
  FusedMatMul: (node, context) => {
    const { transA, transB } = node.attributes;
    // A product with a transposed left matrix (every weight gradient) runs faster as a transpose and a plain product.
    if (transA === 1 && node.inputs[0].dims.length === 2) return transposeLeft(node, context);
    if (transA === 0 && transB === 0) return [plain(node, "MatMul")];
    return [{ ...plain(node, "FusedMatMul"), domain: "com.microsoft", attributes: { transA, transB } }];
  },
  LayerNormalization: layerNorm,
  ReduceSum: rowSumsBy(rowSum),
};

/**
 * Any runtime with the standard operators of opset 20: no contrib operators. Written for OpenVINO, which merges equal
 * nodes.
 */
export const standardLowering: Lowering = {
  LayerNormalization: layerNormByXhat,
  // Merged, the first conversion of a mask would be kept as floats, four bytes in place of one, until the backward pass
  // reads the mask again.
  Cast: (node, context) => [{ ...asIs(node), inputs: node.inputs.map((x) => context.nameForOneReader(x)) }],
  FusedMatMul: (node, context) =>
    isWideProduct(node) ? [...productInBlocks(node, context)] : spelledOut(node, context, ({ name }) => name),
};

/**
 * For products in bf16. OpenVINO keeps in float32 what leads from the last product to an output. Where sums of rows are no
 * products, that is most of the backward pass, with a conversion at each of its ends: 4 to 7 % of a step's time and a
 * tenth of its memory. The gradients' error is that of the other products either way. Parameters of products come in bf16:
 * OpenVINO would round them in each step.
 */
export const bf16Lowering: Lowering = {
  ...standardLowering,
  // A mask in bf16 is read as it is by what is bf16: no conversions of attention's, the largest ones.
  Cast: (node, context) => [{ ...asIs(node), inputs: node.inputs.map((x) => context.nameOfMask(x)) }],
  FusedMatMul: (node, context) => {
    const product = spelledOut(node, context, (tensor) => context.nameOfRounded(tensor));
    return inFloat32(product, node.outputs[0], context);
  },
  ReduceSum: rowSumsBy(rowSumInFloat32),
};

const bf16LoweringOfByteMasks: Lowering = { ...bf16Lowering, Cast: standardLowering.Cast };

/**
 * By a runtime's name and what it computes products in. `masks`: how they come where products are bf16; as bytes for half the
 * memory.
 */
export function loweringOf(
  { name, precision = "float32" }: { name: string; precision?: string },
  { masks = "bf16" }: { masks?: "bf16" | "bytes" } = {},
): Lowering {
  if (name.startsWith("onnxruntime")) return onnxRuntimeLowering;
  if (precision !== "bf16") return standardLowering;
  return masks === "bf16" ? bf16Lowering : bf16LoweringOfByteMasks;
}

export function asIs(node: Node): OnnxNode {
  return { ...plain(node, node.type), attributes: node.attributes };
}

function plain(node: Node, type: string): OnnxNode {
  return {
    type,
    inputs: node.inputs.map(({ name }) => name),
    outputs: node.outputs.map(({ name }) => name),
    attributes: {},
  };
}

/** A FusedMatMul in standard operators. */
function spelledOut(node: Node, context: LoweringContext, nameOf: (tensor: Tensor) => string): OnnxNode[] {
  const nodes: OnnxNode[] = [];
  const [a, b] = node.inputs.map((input, i) => {
    const flag = node.attributes[i === 0 ? "transA" : "transB"];
    if (flag !== 1) return nameOf(input);
    const name = context.fresh("transposed");
    const perm = swapLastTwo(input.dims.length);
    nodes.push({ type: "Transpose", inputs: [nameOf(input)], outputs: [name], attributes: { perm } });
    return name;
  });
  return [...nodes, { type: "MatMul", inputs: [a, b], outputs: [node.outputs[0].name], attributes: {} }];
}

function transposeLeft(node: Node, context: LoweringContext): OnnxNode[] {
  const transposed = context.fresh("transposed");
  const [a, b] = node.inputs.map(({ name }) => name);
  const product = { inputs: [transposed, b], outputs: [node.outputs[0].name] };
  return [
    { type: "Transpose", inputs: [a], outputs: [transposed], attributes: { perm: [1, 0] } },
    node.attributes.transB === 0
      ? { type: "MatMul", ...product, attributes: {} }
      : { type: "FusedMatMul", domain: "com.microsoft", ...product, attributes: { transA: 0, transB: 1 } },
  ];
}

function rowSumsBy(lower: Lower): Lower {
  return (node, context) => (isRowSum(node, context) ? lower(node, context) : [asIs(node)]);
}

function swapLastTwo(rank: number): number[] {
  return Array.from({ length: rank }, (_, i) => (i === rank - 2 ? rank - 1 : i === rank - 1 ? rank - 2 : i));
}
