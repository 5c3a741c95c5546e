/** A graph as the bytes of an ONNX model (IR version 10, opset 20, and com.microsoft 1 where a lowering uses it). */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
} from "onnx-buf";
import type { Dims } from "../graph/dims.ts";
import type { Attributes, AttributeValue, DType, Graph, Node, Tensor } from "../graph/graph.ts";
import { neededNodes } from "../graph/prune.ts";
import { asIs, type Lowering } from "./lowering.ts";
import { listingOrder } from "./node-order.ts";
import type { LoweringContext, OnnxNode } from "./onnx-node.ts";

const OPSET = 20n;
const IR_VERSION = 10n;

const DATA_TYPE: Readonly<Record<DType, DataType>> = {
  float32: DataType.FLOAT,
  int64: DataType.INT64,
  int32: DataType.INT32,
  uint8: DataType.UINT8,
  bool: DataType.BOOL,
};

/** Attributes that ONNX declares as float; every other number is an integer. */
const FLOAT_ATTRIBUTES = new Set(["epsilon"]);

/** A graph in a runtime's operators. */
export interface LoweredGraph {
  /** In the order in which the model lists them. */
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly Tensor[];
  /** Inputs that the lowering added: their names, and the input whose values a run feeds to each as well. */
  readonly copies: ReadonlyMap<string, Tensor>;
  /** The same of inputs that a run feeds in bf16. */
  readonly rounded: ReadonlyMap<string, Tensor>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly constants: readonly MessageInitShape<typeof TensorProtoSchema>[];
  /** Values that our graph knows, by their names in the model, and those between them whose dims a lowering told. */
  readonly values: ReadonlyMap<string, Pick<Tensor, "dtype" | "dims">>;
}

/** What computes `outputs` (by the name that the runtime gives them) and nothing else. */
export function lowerGraph(
  graph: Graph,
  outputs: Readonly<Record<string, Tensor>>,
  lowering: Lowering,
): LoweredGraph {
  const { nodes, used } = neededNodes(graph, Object.values(outputs));
  checkNames(used, outputs);
  const inputs = graph.inputs.filter((tensor) => used.has(tensor));
  const additions = new Additions(graph, inputs, used);
  const lowered = nodes.flatMap((node) => lowering[node.type]?.(node, additions) ?? [asIs(node)]);
  const renames = Object.entries(outputs).map(
    ([name, tensor]): OnnxNode => ({
      type: "Identity",
      inputs: [tensor.name],
      outputs: [name],
      attributes: {},
    }),
  );
  const all = foldRenames([...additions.conversions, ...lowered], renames);
  return {
    nodes: listingOrder(all),
    inputs: additions.rounded.size === 0 ? inputs : readBy(all, inputs),
    copies: additions.copies,
    rounded: additions.rounded,
    outputs: asMade(outputs, nodes),
    constants: additions.constants,
    values: new Map([
      ...[...used].map((tensor) => [tensor.name, tensor] as const),
      ...Object.entries(outputs),
      ...additions.values,
    ]),
  };
}

export function encodeModel(lowered: LoweredGraph): Uint8Array {
  const { nodes, inputs, copies, rounded, outputs, constants } = lowered;
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: "bertwright",
    opsetImport: [
      { domain: "", version: OPSET },
      { domain: "com.microsoft", version: 1n },
    ],
    graph: {
      name: "bertwright",
      node: nodes.map(nodeProto),
      initializer: [...constants],
      input: [
        ...inputs.map((tensor) => valueInfo(tensor.name, tensor)),
        ...[...copies].map(([name, tensor]) => valueInfo(name, tensor)),
        ...[...rounded].map(([name, tensor]) => valueInfo(name, tensor, DataType.BFLOAT16)),
      ],
      output: Object.entries(outputs).map(([name, tensor]) => valueInfo(name, tensor)),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

/** The model that computes `outputs`. What a lowering adds to its inputs, `lowerGraph` tells. */
export function emitModel(
  graph: Graph,
  outputs: Readonly<Record<string, Tensor>>,
  lowering: Lowering,
): Uint8Array {
  return encodeModel(lowerGraph(graph, outputs, lowering));
}

/** In the order in which they are made: OpenVINO computes one after the other, each with what it still needs. */
function asMade(
  outputs: Readonly<Record<string, Tensor>>,
  nodes: readonly Node[],
): Readonly<Record<string, Tensor>> {
  const places = new Map(nodes.flatMap((node, i) => node.outputs.map((tensor) => [tensor, i] as const)));
  const place = ([, tensor]: [string, Tensor]) => places.get(tensor) ?? -1;
  return Object.fromEntries(Object.entries(outputs).sort((a, b) => place(a) - place(b)));
}

/** A parameter that is read in bf16 alone is no input in float32. */
function readBy(nodes: readonly OnnxNode[], inputs: readonly Tensor[]): Tensor[] {
  const read = new Set(nodes.flatMap((node) => node.inputs));
  return inputs.filter(({ name }) => read.has(name));
}

function checkNames(used: ReadonlySet<Tensor>, outputs: Readonly<Record<string, Tensor>>): void {
  for (const tensor of used) {
    if (Object.hasOwn(outputs, tensor.name) && outputs[tensor.name] !== tensor) {
      throw new TypeError(`emitModel: an output is called "${tensor.name}", as another value is`);
    }
  }
}

/**
 * Gives outputs their names without a copy: the node that makes a value makes it under its output's name. A value with
 * two names, or an input that is an output, keeps an Identity.
 */
function foldRenames(nodes: readonly OnnxNode[], renames: readonly OnnxNode[]): OnnxNode[] {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const newName = new Map<string, string>();
  const kept: OnnxNode[] = [];
  for (const rename of renames) {
    const [from] = rename.inputs;
    if (made.has(from) && !newName.has(from)) newName.set(from, rename.outputs[0]);
    else kept.push(rename);
  }
  const renamed = (name: string) => newName.get(name) ?? name;
  return [...nodes, ...kept].map((node) => ({
    ...node,
    inputs: node.inputs.map(renamed),
    outputs: node.outputs.map(renamed),
  }));
}

/** What a lowering adds to the graph beside nodes. */
class Additions implements LoweringContext {
  readonly constants: MessageInitShape<typeof TensorProtoSchema>[] = [];
  readonly copies = new Map<string, Tensor>();
  readonly rounded = new Map<string, Tensor>();
  /** Values whose dims a lowering told. */
  readonly values = new Map<string, Pick<Tensor, "dtype" | "dims">>();
  /** From the inputs in `rounded` to float32. */
  readonly conversions: OnnxNode[] = [];
  #counter = 0;
  #names = new Map<string, string>();
  #values = new Map<Tensor, readonly number[]>();
  /** Inputs that no node has asked for by `nameForOneReader`. */
  #unread: Set<Tensor>;
  #inputs: ReadonlySet<Tensor>;
  #used: ReadonlySet<Tensor>;

  constructor(graph: Graph, inputs: readonly Tensor[], used: ReadonlySet<Tensor>) {
    this.#inputs = new Set(inputs);
    this.#used = used;
    this.#unread = new Set(inputs);
    for (const { tensor, values } of graph.constants) {
      this.#values.set(tensor, Array.from(values, Number));
      if (used.has(tensor)) this.#add(tensor.name, tensor.dtype, tensor.dims as number[], values);
    }
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

  isRead(tensor: Tensor): boolean {
    return this.#used.has(tensor);
  }

  valuesOf(tensor: Tensor): readonly number[] | undefined {
    return this.#values.get(tensor);
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

function nodeProto(node: OnnxNode): MessageInitShape<typeof NodeProtoSchema> {
  return {
    opType: node.type,
    domain: node.domain ?? "",
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: attributeProtos(node.attributes),
  };
}

function attributeProtos(attributes: Attributes) {
  return Object.entries(attributes).map(([name, value]) => ({ name, ...attributeValue(name, value) }));
}

function attributeValue(name: string, value: AttributeValue) {
  if (typeof value === "string") return { type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (typeof value !== "number") return { type: AttributeType.INTS, ints: value.map(BigInt) };
  if (FLOAT_ATTRIBUTES.has(name)) return { type: AttributeType.FLOAT, f: value };
  return { type: AttributeType.INT, i: BigInt(value) };
}

function valueInfo(name: string, tensor: Tensor, elemType = DATA_TYPE[tensor.dtype]) {
  const dim = tensor.dims.map((d) =>
    typeof d === "number"
      ? { value: { case: "dimValue" as const, value: BigInt(d) } }
      : { value: { case: "dimParam" as const, value: d } },
  );
  return {
    name,
    type: {
      value: {
        case: "tensorType" as const,
        value: { elemType, shape: { dim } },
      },
    },
  };
}
