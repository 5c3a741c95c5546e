/** What lowerings add to a graph beside nodes: constants, names, inputs that runs feed as well. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { TensorProto_DataType as DataType, type TensorProtoSchema } from "onnx-buf";
import type { Dims } from "../graph/dims.ts";
import type { DType, Graph, Node, Tensor } from "../graph/graph.ts";
import { leadingTo } from "../graph/prune.ts";
import { DATA_TYPE, type LoweringContext, type OnnxNode } from "./onnx-node.ts";
import { isRowSum } from "./row-sum.ts";

export class Additions implements LoweringContext {
  readonly constants: MessageInitShape<typeof TensorProtoSchema>[] = [];
  readonly copies = new Map<string, Tensor>();
  readonly rounded = new Map<string, Tensor>();
  readonly masks = new Map<string, Tensor>();
  /** Values whose dims a lowering told. */
  readonly values = new Map<string, Pick<Tensor, "dtype" | "dims">>();
  /** From the inputs in `rounded` to float32. */
  readonly conversions: OnnxNode[] = [];
  #counter = 0;
  #names = new Map<string, string>();
  #constantValues = new Map<Tensor, readonly number[]>();
  /** Inputs that no node has asked for by `nameForOneReader`. */
  #unread: Set<Tensor>;
  #inputs: ReadonlySet<Tensor>;
  #used: ReadonlySet<Tensor>;
  #leading: ReadonlySet<Tensor>;

  /** `needed`: what makes `outputs`, as `neededNodes` gives it. */
  constructor(
    graph: Graph,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    needed: { nodes: readonly Node[]; used: ReadonlySet<Tensor> },
  ) {
    const { nodes, used } = needed;
    this.#inputs = new Set(inputs);
    this.#used = used;
    this.#unread = new Set(inputs);
    for (const { tensor, values } of graph.constants) {
      this.#constantValues.set(tensor, Array.from(values, Number));
      if (used.has(tensor)) this.#add(tensor.name, tensor.dtype, tensor.dims as number[], values);
    }
    const isProduct = (node: Node) => node.type === "FusedMatMul" || isRowSum(node, this);
    this.#leading = leadingTo(outputs, nodes, isProduct);
  }

  fresh(stem: string, dims?: Dims): string {
    this.#counter += 1;
    const name = `${stem}__${this.#counter}`;
    if (dims) this.values.set(name, { dtype: "float32", dims });
    return name;
  }

  scalar(value: number): string {
    return this.#known(`scalar ${value}`, "float32", [], Float32Array.of(value));
  }

  ones(count: number): string {
    return this.#known(`ones ${count}`, "float32", [count], new Float32Array(count).fill(1));
  }

  list(values: readonly number[]): string {
    return this.#known(`list ${values}`, "int64", [values.length], BigInt64Array.from(values, BigInt));
  }

  rowOnes(x: Tensor): { name: string; nodes: OnnxNode[] } {
    // Nodes are lowered in the order in which they were made: no `x` that asks first waits for a later sum.
    const [rows] = x.dims;
    const key = `ones of ${rows} rows`;
    const known = this.#names.get(key);
    if (known) return { name: known, nodes: [] };
    const [count, ones] = [this.fresh("row_count"), this.fresh("ones", [rows])];
    this.#names.set(key, ones);
    return {
      name: ones,
      nodes: [
        { type: "Shape", inputs: [x.name], outputs: [count], attributes: { start: 0, end: 1 } },
        { type: "Expand", inputs: [this.scalar(1), count], outputs: [ones], attributes: {} },
      ],
    };
  }

  nameForOneReader(tensor: Tensor): string {
    if (!this.#inputs.has(tensor) || this.#unread.delete(tensor)) return tensor.name;
    const name = this.fresh(tensor.name);
    this.copies.set(name, tensor);
    return name;
  }

  nameOfRounded(tensor: Tensor): string {
    const isParameter = this.#inputs.has(tensor) && tensor.dims.every((dim) => typeof dim === "number");
    if (!isParameter || tensor.dtype !== "float32") return tensor.name;
    const key = `rounded ${tensor.name}`;
    const known = this.#names.get(key);
    if (known) return known;
    const [input, name] = [`${tensor.name}:bf16`, this.fresh("rounded")];
    this.rounded.set(input, tensor);
    const attributes = { to: DataType.FLOAT };
    this.conversions.push({ type: "Cast", inputs: [input], outputs: [name], attributes });
    this.#names.set(key, name);
    return name;
  }

  nameOfMask(tensor: Tensor): string {
    if (!this.#inputs.has(tensor) || tensor.dtype !== "uint8") return tensor.name;
    const first = `${tensor.name}:bf16`;
    const name = this.masks.has(first) ? this.fresh(first) : first;
    this.masks.set(name, tensor);
    return name;
  }

  isRead(tensor: Tensor): boolean {
    return this.#used.has(tensor);
  }

  leadsToOutput(tensor: Tensor): boolean {
    return this.#leading.has(tensor);
  }

  valuesOf(tensor: Tensor): readonly number[] | undefined {
    return this.#constantValues.get(tensor);
  }

  #known(key: string, dtype: DType, dims: readonly number[], values: Float32Array | BigInt64Array): string {
    const known = this.#names.get(key);
    if (known) return known;
    const name = this.fresh("constant");
    this.#names.set(key, name);
    this.#add(name, dtype, dims, values);
    return name;
  }

  #add(name: string, dtype: DType, dims: readonly number[], values: Float32Array | BigInt64Array): void {
    const rawData = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
    this.constants.push({ name, dataType: DATA_TYPE[dtype], dims: dims.map(BigInt), rawData });
  }
}
