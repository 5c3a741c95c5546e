/** The emitted bytes, read back with onnx-buf, and run where names are given and shared. */
import { fromBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema, type ValueInfoProto } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { runGraph } from "../../../test/helpers/run-graph.ts";
import { Graph, type Tensor } from "../graph/graph.ts";
import { emitModel } from "./emit.ts";
import { standardLowering } from "./lowering.ts";

const emit = (graph: Graph, outputs: Record<string, Tensor>): ModelProto =>
  fromBinary(ModelProtoSchema, emitModel(graph, outputs, standardLowering));

const describeValue = ({ name, type }: ValueInfoProto) => {
  const tensor = type?.value;
  if (tensor?.case !== "tensorType") throw new Error(`${name} is no tensor`);
  const dims = tensor.value.shape?.dim.map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : value.value,
  );
  return [name, tensor.value.elemType, dims];
};

function node(
  graph: Graph,
  type: string,
  inputs: Tensor[],
  dims: (number | string)[],
  attributes = {},
): Tensor {
  return graph.add(type, inputs, [{ dtype: "float32", dims }], attributes, null).outputs[0];
}

describe("the model", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["B", "S", 4]);
  const ids = graph.input("ids", "int64", ["B*S"]);
  const mask = graph.input("mask", "uint8", ["T"]);
  graph.input("unused", "float32", [2]);
  const cast = node(graph, "Cast", [mask], ["T"], { to: 1 });
  const rows = node(graph, "Reshape", [x, graph.int64([-1, 4])], ["B*S", 4]);
  const gathered = node(graph, "Gather", [rows, ids], ["B*S", 4]);
  const scaled = node(graph, "Mul", [gathered, graph.float32([0.5, 1, 2, -3], [4])], ["B*S", 4]);
  node(graph, "Neg", [scaled], ["B*S", 4]);
  const normal = node(graph, "LayerNormalization", [scaled], ["B*S", 4], { axis: -1, epsilon: 1e-12 });
  const gelu = node(graph, "Gelu", [normal], ["B*S", 4], { approximate: "tanh" });
  const turned = node(graph, "Transpose", [gelu], [4, "B*S"], { perm: [1, 0] });
  const model = emit(graph, { turned, kept: cast });

  it("names its format: IR 10, opset 20 and com.microsoft 1", () => {
    expect(model.irVersion).toBe(10n);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
      ["", 20n],
      ["com.microsoft", 1n],
    ]);
  });

  it("declares used inputs and all outputs, these as they are made, with types and symbolic dims", () => {
    const [float, uint8, int64] = [1, 2, 7];
    expect(model.graph?.input.map(describeValue)).toEqual([
      ["x", float, ["B", "S", 4]],
      ["ids", int64, ["B*S"]],
      ["mask", uint8, ["T"]],
    ]);
    expect(model.graph?.output.map(describeValue)).toEqual([
      ["kept", float, ["T"]],
      ["turned", float, [4, "B*S"]],
    ]);
  });

  it("has the needed nodes in order, results last and the first of them at the end, under the outputs' names", () => {
    const nodes = model.graph?.node ?? [];
    expect(nodes.map(({ opType }) => opType)).toEqual([
      ...["Reshape", "Gather", "Mul", "LayerNormalization", "Gelu", "Transpose", "Cast"],
    ]);
    expect(nodes.slice(-2).map(({ output }) => output)).toEqual([["turned"], ["kept"]]);
  });

  it("writes attributes by their kind", () => {
    const attributes = Object.fromEntries(
      (model.graph?.node ?? []).flatMap(({ attribute }) => attribute.map((one) => [one.name, one])),
    );
    const [floatKind, intKind, stringKind, intsKind] = [1, 2, 3, 7];
    expect(attributes.epsilon).toMatchObject({ type: floatKind, f: Math.fround(1e-12) });
    expect(attributes.axis).toMatchObject({ type: intKind, i: -1n });
    expect(attributes.perm).toMatchObject({ type: intsKind, ints: [1n, 0n] });
    expect(attributes.approximate.type).toBe(stringKind);
    expect(new TextDecoder().decode(attributes.approximate.s)).toBe("tanh");
  });

  it("holds the constants that its nodes read, in row-major raw bytes", () => {
    const tensors = model.graph?.initializer ?? [];
    expect(tensors.map(({ dims, dataType }) => [dataType, dims.map(Number)])).toEqual([
      [7, [2]],
      [1, [4]],
    ]);
    const floats = new Float32Array(tensors[1].rawData.slice().buffer);
    expect(Array.from(floats)).toEqual([0.5, 1, 2, -3]);
    expect(Array.from(new BigInt64Array(tensors[0].rawData.slice().buffer))).toEqual([-1n, 4n]);
  });
});

describe("outputs", () => {
  const made = () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    return { graph, x, y: node(graph, "Add", [x, x], [2]) };
  };
  const run = async (graph: Graph, outputs: Record<string, Tensor>) => {
    const results = await runGraph(graph, outputs, { x: [1, 2] });
    return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, Array.from(values)]));
  };

  it("may have two names", async () => {
    const { graph, y } = made();
    expect(await run(graph, { first: y, second: y })).toEqual({ first: [2, 4], second: [2, 4] });
  });

  it("may be read by later nodes", async () => {
    const { graph, y } = made();
    expect(await run(graph, { y, z: node(graph, "Mul", [y, y], [2]) })).toEqual({ y: [2, 4], z: [4, 16] });
  });

  it("may be inputs and constants", async () => {
    const { graph, x } = made();
    const constant = graph.float32([3, 4], [2]);
    expect(await run(graph, { same: x, twice: x, constant })).toEqual({
      same: [1, 2],
      twice: [1, 2],
      constant: [3, 4],
    });
  });

  it("may not take the name of another value", () => {
    const { graph, y } = made();
    expect(() => emitModel(graph, { x: y }, standardLowering)).toThrow(
      'emitModel: an output is called "x", as another value is',
    );
    const other = node(graph, "Neg", [y], [2]);
    expect(() => emitModel(graph, { [y.name]: other }, standardLowering)).toThrow(TypeError);
    expect(() => emitModel(graph, { [y.name]: y }, standardLowering)).not.toThrow();
  });
});
