/** How an operator is written down: its ONNX type, its shape rule and its derivative, all three required. */
import type { Dims } from "../graph/dims.ts";
import type { Attributes, DType, Node, Tensor } from "../graph/graph.ts";

export interface TensorType {
  readonly dtype: DType;
  readonly dims: Dims;
}

export interface Op<A extends Attributes> {
  /** The ONNX operator's name. */
  readonly type: string;
  /** Output types from input types. Throws `TypeError` for inputs that the operator does not take. */
  readonly infer: (inputs: readonly TensorType[], attributes: A) => readonly TensorType[];
  /**
   * Cotangents of the inputs (null: none) from those of the outputs; an input that was broadcast may get the
   * broadcast shape, the driver sums it back. `vjp: null` where there is no derivative.
   */
  readonly vjp:
    | ((cotangents: readonly Tensor[], node: Node, attributes: A) => readonly (Tensor | null)[])
    | null;
}

/** Checks an operator's definition at compile time and returns it. */
export function defineOp<A extends Attributes = Record<string, never>>(op: Op<A>): Op<A> {
  return op;
}

/** Adds `op` to the graph of its first input; returns all outputs. */
export function applyAll<A extends Attributes>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attributes: A,
): readonly Tensor[] {
  const { vjp } = op;
  const makeVjp =
    vjp &&
    ((node: Node) => (cotangents: readonly (Tensor | undefined)[]) => {
      const [first] = cotangents;
      // Operators with several outputs (LayerNormalization's xhat and r) propagate the first one's cotangent only.
      if (!first || cotangents.slice(1).some(Boolean)) {
        throw new Error(`internal: ${op.type}: a derivative through a second output was asked for`);
      }
      return vjp([first], node, attributes);
    });
  return inputs[0].graph.add(op.type, inputs, op.infer(inputs, attributes), attributes, makeVjp).outputs;
}

/** Adds `op` to the graph of its first input; returns its first output. */
export function apply<A extends Attributes>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return applyAll(op, inputs, attributes)[0];
}

/** Throws unless every input is float32. */
export function expectFloat32(where: string, inputs: readonly TensorType[]): void {
  for (const { dtype } of inputs) {
    if (dtype !== "float32") throw new TypeError(`${where}: expected float32, got ${dtype}`);
  }
}
