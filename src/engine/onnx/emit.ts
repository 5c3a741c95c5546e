/** A graph as the bytes of an ONNX model (IR version 10, opset 20, and com.microsoft 1 where a lowering uses it). */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
} from "onnx-buf";
import type { Attributes, AttributeValue, Graph, Node, Tensor } from "../graph/graph.ts";
import { neededNodes } from "../graph/prune.ts";
import { Additions } from "./additions.ts";
import { asIs, type Lowering } from "./lowering.ts";
import { listingOrder } from "./node-order.ts";
import { DATA_TYPE, type OnnxNode } from "./onnx-node.ts";

const OPSET = 20n;
const IR_VERSION = 10n;

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
  /** Inputs in bf16 in place of a mask, each read once: their names, and the mask. */
  readonly masks: ReadonlyMap<string, Tensor>;
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
  const needed = neededNodes(graph, Object.values(outputs));
  const { nodes, used } = needed;
  checkNames(used, outputs);
  const inputs = graph.inputs.filter((tensor) => used.has(tensor));
  const additions = new Additions(graph, inputs, Object.values(outputs), needed);
  const lowered = nodes.flatMap((node) => lowering[node.type]?.(node, additions) ?? [asIs(node)]);
  const renames = Object.entries(outputs).map(
    ([name, tensor]): OnnxNode => ({
      type: "Identity",
      inputs: [tensor.name],
      outputs: [name],
      attributes: {},
    }),
  );
  const all = readNodes(foldRenames([...additions.conversions, ...lowered], renames), Object.keys(outputs));
  return {
    nodes: listingOrder(all),
    inputs: additions.rounded.size + additions.masks.size === 0 ? inputs : readBy(all, inputs),
    copies: additions.copies,
    rounded: additions.rounded,
    masks: additions.masks,
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
  const { nodes, inputs, copies, rounded, masks, outputs, constants } = lowered;
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
        ...[...rounded, ...masks].map(([name, tensor]) => valueInfo(name, tensor, DataType.BFLOAT16)),
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

/** Without those of which nothing is read: a lowering writes all that a node of ours tells. */
function readNodes(nodes: readonly OnnxNode[], outputs: readonly string[]): OnnxNode[] {
  const read = new Set(outputs);
  const kept = [...nodes].reverse().filter((node) => {
    if (!node.outputs.some((name) => read.has(name))) return false;
    for (const name of node.inputs) read.add(name);
    return true;
  });
  return kept.reverse();
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

/** What is read in bf16 alone is no input as it is. */
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
