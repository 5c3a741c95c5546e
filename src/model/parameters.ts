/**
 * Parameters are declared where they are used, under a prefix scope, and their names are the checkpoint's keys. The
 * list of declarations is what loading, initialising, training and saving share.
 */
import type { Graph, Tensor } from "../engine/graph/graph.ts";

/** How a parameter starts where no checkpoint has it: normal with the config's `initializer_range`, or a constant. */
export type Initializer = "normal" | "zeros" | "ones";

export interface ParameterSpec {
  readonly name: string;
  readonly dims: readonly number[];
  readonly initializer: Initializer;
  /** An embedding table: read by row number, its gradient comes as rows. */
  readonly table: boolean;
}

interface Declaration {
  readonly spec: ParameterSpec;
  readonly tensor: Tensor;
}

export class Parameters {
  readonly graph: Graph;
  readonly #prefix: string;
  readonly #declared: Map<string, Declaration>;

  constructor(graph: Graph, prefix = "", declared = new Map<string, Declaration>()) {
    this.graph = graph;
    this.#prefix = prefix;
    this.#declared = declared;
  }

  /** The scope below: `at("encoder").at("layer.0")` declares names that start with `encoder.layer.0.`. */
  at(name: string): Parameters {
    return new Parameters(this.graph, `${this.#prefix}${name}.`, this.#declared);
  }

  /** Declares a parameter and adds it to the graph as an input. */
  get(name: string, dims: readonly number[], initializer: Initializer): Tensor {
    return this.#declare({ name: this.#prefix + name, dims, initializer, table: false });
  }

  /** Declares an embedding table `[rows, width]`. */
  table(name: string, rows: number, width: number): Tensor {
    return this.#declare({
      name: this.#prefix + name,
      dims: [rows, width],
      initializer: "normal",
      table: true,
    });
  }

  /** Everything declared so far, in order. */
  get specs(): ParameterSpec[] {
    return [...this.#declared.values()].map(({ spec }) => spec);
  }

  tensor(name: string): Tensor {
    const found = this.#declared.get(name);
    if (!found) throw new Error(`internal: no parameter ${name}`);
    return found.tensor;
  }

  #declare(spec: ParameterSpec): Tensor {
    if (this.#declared.has(spec.name)) throw new Error(`internal: parameter ${spec.name} is declared twice`);
    const tensor = this.graph.input(spec.name, "float32", spec.dims);
    this.#declared.set(spec.name, { spec, tensor });
    return tensor;
  }
}

/** Decay pulls weights to zero; biases and LayerNorm's scale have no reason to be there (transformers' rule). */
export function decays(name: string): boolean {
  return !name.endsWith("bias") && !name.includes("LayerNorm");
}
