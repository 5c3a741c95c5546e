/** A chain of ONNX operators: each reads what the one before made, and at most one value beside it. */
import type { Dims } from "../graph/dims.ts";
import type { LoweringContext, OnnxNode } from "./onnx-node.ts";

export class Chain {
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
