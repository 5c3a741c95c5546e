/**
 * The symbolic graph: tensors, the nodes that make them, and the tape that reverse mode walks.
 * A graph is append-only, so the order of its nodes is a topological order.
 */
import { type Dim, type Dims, volume } from "./dims.ts";

export type DType = "float32" | "int64" | "int32" | "uint8" | "bool";
export type AttributeValue = number | string | readonly number[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A value in a graph: an input, a constant, or an output of a node. */
export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly dtype: DType;
  readonly dims: Dims;
}

/** An ONNX operator applied to tensors. */
export interface Node {
  readonly type: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Attributes;
}

/** A constant's values, in row-major order. */
export interface Constant {
  readonly tensor: Tensor;
  readonly values: Float32Array | BigInt64Array;
}

/** Cotangents of a record's outputs (undefined where nothing depends on one) to those of its inputs (null: none). */
export type Vjp = (outputCotangents: readonly (Tensor | undefined)[]) => readonly (Tensor | null)[];

/** What a node reads in place of a tensor. */
export type Substitute = (tensor: Tensor) => Tensor;

/** What reverse mode sees: one node, or several that `customVjp` stands in front of. */
export interface TapeRecord {
  readonly what: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** null where the operation has no derivative. */
  readonly vjp: Vjp | null;
}

export class Graph {
  readonly inputs: Tensor[] = [];
  readonly constants: Constant[] = [];
  readonly nodes: Node[] = [];
  readonly tape: TapeRecord[] = [];
  #names = new Set<string>();
  #constantsByKey = new Map<string, Tensor>();
  #counter = 0;
  #recording = true;
  #substitute: Substitute | undefined;

  /** A value that each run provides: a parameter or a feed. */
  input(name: string, dtype: DType, dims: readonly Dim[]): Tensor {
    const tensor = this.#tensor(name, dtype, dims);
    this.inputs.push(tensor);
    return tensor;
  }

  /** A float32 constant; equal ones are the same tensor. Without `dims` it is a scalar. */
  float32(values: readonly number[] | number, dims: readonly number[] = []): Tensor {
    const list = typeof values === "number" ? [values] : values;
    return this.#constant("float32", Float32Array.from(list), dims);
  }

  /** An int64 constant, such as axes or a shape. */
  int64(values: readonly number[]): Tensor {
    return this.#constant("int64", BigInt64Array.from(values, BigInt), [values.length]);
  }

  /** Adds a node and, where `vjp` is given (null: no derivative), its record on the tape. */
  add(
    type: string,
    inputs: readonly Tensor[],
    outputs: readonly { dtype: DType; dims: Dims }[],
    attributes: Attributes,
    makeVjp: ((node: Node) => Vjp) | null,
  ): Node {
    const read = this.#substitute ? inputs.map(this.#substitute) : inputs;
    const tensors = outputs.map(({ dtype, dims }) => this.#tensor(this.#freshName(type), dtype, dims));
    const node: Node = { type, inputs: read, outputs: tensors, attributes };
    this.nodes.push(node);
    this.record({ what: type, inputs: read, outputs: tensors, vjp: makeVjp ? makeVjp(node) : null });
    return node;
  }

  record(record: TapeRecord): void {
    if (this.#recording) this.tape.push(record);
  }

  /** Adds the nodes that `build` makes without their records: the caller puts one of its own in their place. */
  withoutTape<T>(build: () => T): T {
    const before = this.#recording;
    this.#recording = false;
    try {
      return build();
    } finally {
      this.#recording = before;
    }
  }

  /** The nodes that `build` makes read `substitute(x)` wherever they ask for `x`. */
  withSubstitutes<T>(substitute: Substitute, build: () => T): T {
    const before = this.#substitute;
    this.#substitute = substitute;
    try {
      return build();
    } finally {
      this.#substitute = before;
    }
  }

  #constant(dtype: "float32" | "int64", values: Float32Array | BigInt64Array, dims: Dims): Tensor {
    const key = `${dtype}[${dims}]${values.join(",")}`;
    const known = this.#constantsByKey.get(key);
    if (known) return known;
    if (volume(dims) !== String(values.length)) {
      throw new Error(`internal: ${values.length} values for a constant of [${dims.join(", ")}]`);
    }
    const tensor = this.#tensor(this.#freshName("Constant"), dtype, dims);
    this.constants.push({ tensor, values });
    this.#constantsByKey.set(key, tensor);
    return tensor;
  }

  #freshName(type: string): string {
    this.#counter += 1;
    return `${type.toLowerCase()}_${this.#counter}`;
  }

  #tensor(name: string, dtype: DType, dims: Dims): Tensor {
    if (this.#names.has(name)) throw new Error(`internal: two tensors are called ${name}`);
    this.#names.add(name);
    return Object.freeze({ graph: this, name, dtype, dims: Object.freeze([...dims]) });
  }
}

/**
 * Groups the nodes that `forward` adds into one record with a derivative of its own: for functions whose gradient is
 * cheaper or more exact than that of their parts (the `custom_vjp` of JAX).
 */
export function customVjp<O extends readonly Tensor[]>(
  what: string,
  inputs: readonly Tensor[],
  forward: () => O,
  vjp: (cotangents: readonly (Tensor | undefined)[], outputs: O) => readonly (Tensor | null)[],
): O {
  const graph = inputs[0].graph;
  const outputs = graph.withoutTape(forward);
  graph.record({ what, inputs, outputs, vjp: (cotangents) => vjp(cotangents, outputs) });
  return outputs;
}
