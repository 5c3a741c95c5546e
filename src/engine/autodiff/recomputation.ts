/**
 * Gradient checkpointing (Chen et al. 2016): what regions of the forward pass compute is not kept for the backward
 * pass, which makes copies of the nodes that it needs, and so computes the same values again: to the same bits, but for
 * LayerNormalization in OpenVINO's lowering, which is written in another way where a gradient reads it.
 */
import type { Graph, Node, Tensor } from "../graph/graph.ts";
import { add } from "../ops/elementwise.ts";

export class Recomputation {
  readonly #graph: Graph;
  readonly #zero: Tensor;
  /** The node that makes a region's value, and the region. */
  readonly #made = new Map<Tensor, { node: Node; region: number }>();
  readonly #copies = new Map<Tensor, Tensor>();
  /** x + zero by x. */
  readonly #hidden = new Map<Tensor, Tensor>();
  #regions = 0;

  /**
   * `zero` is a scalar that each run feeds as 0. A copy reads `x + zero` where the original reads `x`, so that a runtime
   * does not find the same value twice and keep it after all.
   */
  constructor(graph: Graph, zero: Tensor) {
    this.#graph = graph;
    this.#zero = zero;
  }

  /**
   * The values that `build` makes are computed again; those that nodes outside it read as well are kept. Of regions in
   * each other the outer one counts.
   */
  region<T>(build: () => T): T {
    const start = this.#graph.nodes.length;
    const result = build();
    for (const node of this.#graph.nodes.slice(start)) {
      for (const output of node.outputs) this.#made.set(output, { node, region: this.#regions });
    }
    this.#regions += 1;
    return result;
  }

  /** `build` makes the backward pass, after the whole forward pass. */
  backward<T>(build: () => T): T {
    for (const tensor of this.#readFromOutside()) this.#made.delete(tensor);
    return this.#graph.withSubstitutes((tensor) => this.#copy(tensor), build);
  }

  #readFromOutside(): Tensor[] {
    const regionOf = (tensor: Tensor) => this.#made.get(tensor)?.region;
    return this.#graph.nodes.flatMap(({ inputs, outputs }) =>
      inputs.filter((tensor) => regionOf(tensor) !== regionOf(outputs[0])),
    );
  }

  #copy(tensor: Tensor): Tensor {
    const made = this.#made.get(tensor);
    if (!made) return tensor;
    if (!this.#copies.has(tensor)) this.#copyNode(made.node);
    return this.#copies.get(tensor)!;
  }

  #copyNode({ type, inputs, outputs, attributes }: Node): void {
    const copied = inputs.map((input) => this.#copy(input));
    if (copied.every((input, i) => input === inputs[i])) this.#hide(copied);
    const copy = this.#graph.add(type, copied, outputs, attributes, null);
    outputs.forEach((output, i) => {
      this.#copies.set(output, copy.outputs[i]);
    });
  }

  /** Adds the zero to the first float of what a node reads. */
  #hide(inputs: Tensor[]): void {
    const place = inputs.findIndex(({ dtype }) => dtype === "float32");
    if (place < 0) return;
    const input = inputs[place];
    if (!this.#hidden.has(input)) this.#hidden.set(input, add(input, this.#zero));
    inputs[place] = this.#hidden.get(input)!;
  }
}
