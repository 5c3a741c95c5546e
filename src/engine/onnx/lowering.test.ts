/** The lowerings give the same numbers, each in the nodes that it promises. */
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { type Feeds, runGraph } from "../../../test/helpers/run-graph.ts";
import { type Dims, resolveDims } from "../graph/dims.ts";
import { type Attributes, Graph, type Tensor } from "../graph/graph.ts";
import { emitModel, lowerGraph } from "./emit.ts";
import {
  bf16Lowering,
  type Lowering,
  loweringOf,
  onnxRuntimeLowering,
  standardLowering,
} from "./lowering.ts";

interface Built {
  graph: Graph;
  y: Tensor;
  feeds: Feeds;
}

const SIZES = { T: 5, B: 2 };
const waves = (length: number, phase: number) => Array.from({ length }, (_, i) => Math.sin(phase + 1.3 * i));

/** `y = type(inputs)`, with numbers for the inputs. */
function build(type: string, inputs: Dims[], dims: Dims, attributes: Attributes, axes?: number[]): Built {
  const graph = new Graph();
  const tensors = inputs.map((input, i) => graph.input(`x${i}`, "float32", input));
  const all = axes ? [...tensors, graph.int64(axes)] : tensors;
  const [y] = graph.add(type, all, [{ dtype: "float32", dims }], attributes, null).outputs;
  const length = (input: Dims) => resolveDims(input, SIZES).reduce((a, b) => a * b, 1);
  const feeds = Object.fromEntries(inputs.map((input, i) => [`x${i}`, waves(length(input), i)]));
  return { graph, y, feeds };
}

const types = ({ graph, y }: Built, lowering: Lowering) =>
  (fromBinary(ModelProtoSchema, emitModel(graph, { y }, lowering)).graph?.node ?? []).map(
    ({ domain, opType }) => (domain ? `${domain}.${opType}` : opType),
  );

/** `lowerings` beside the standard one. */
async function expectEqualNumbers(
  { graph, y, feeds }: Built,
  lowerings = [onnxRuntimeLowering],
): Promise<void> {
  const standard = await runGraph(graph, { y }, feeds, SIZES, standardLowering);
  expect(standard.y.some((value) => Math.abs(value) > 0.1)).toBe(true);
  for (const lowering of lowerings) {
    const other = await runGraph(graph, { y }, feeds, SIZES, lowering);
    standard.y.forEach((value, i) => {
      expect(Math.abs(value - other.y[i])).toBeLessThan(1e-5);
    });
  }
}

const product = (a: Dims, b: Dims, dims: Dims, transA: number, transB: number) =>
  build("FusedMatMul", [a, b], dims, { transA, transB });
const FUSED = "com.microsoft.FusedMatMul";

describe("a matrix product", () => {
  it.each([
    ["plain", product(["T", 3], [3, 4], ["T", 4], 0, 0), ["MatMul"], ["MatMul"]],
    ["of a layer", product(["T", 3], [4, 3], ["T", 4], 0, 1), [FUSED], ["Transpose", "MatMul"]],
    [
      "of a weight gradient",
      product(["T", 3], ["T", 4], [3, 4], 1, 0),
      ["Transpose", "MatMul"],
      ["Transpose", "MatMul"],
    ],
    [
      "both transposed",
      product(["T", 3], [4, "T"], [3, 4], 1, 1),
      ["Transpose", FUSED],
      ["Transpose", "Transpose", "MatMul"],
    ],
    [
      "of attention",
      product(["B", 2, "T", 3], ["B", 2, "T", 3], ["B", 2, "T", "T"], 0, 1),
      [FUSED],
      ["Transpose", "MatMul"],
    ],
    [
      "of attention's keys",
      product(["B", 2, "T", 3], ["B", 2, "T", "T"], ["B", 2, 3, "T"], 1, 0),
      [FUSED],
      ["Transpose", "MatMul"],
    ],
    [
      "over batches on one side",
      product(["B", "T", 3], [4, 3], ["B", "T", 4], 0, 1),
      [FUSED],
      ["Transpose", "MatMul"],
    ],
  ])("%s", async (_, built, fast, standard) => {
    expect(types(built, onnxRuntimeLowering)).toEqual(fast);
    expect(types(built, standardLowering)).toEqual(standard);
    await expectEqualNumbers(built);
  });
});

describe("a product by a wide matrix", () => {
  const IN_BLOCKS = ["Reshape", "Transpose", "MatMul", "Transpose", "Reshape"];
  const TURNED = ["Reshape", "Transpose", "Transpose", "MatMul", "Transpose", "Reshape"];

  it.each([
    ["of an activation's gradient", product(["T", 3], [3, 3072], ["T", 3072], 0, 0), IN_BLOCKS],
    ["of a weight gradient", product(["T", 3], ["T", 3072], [3, 3072], 1, 0), TURNED],
    ["in blocks of the largest divisor", product(["T", 3], [3, 2050], ["T", 2050], 0, 0), IN_BLOCKS],
  ])("%s is one in blocks of columns", async (_, built, nodes) => {
    expect(types(built, standardLowering)).toEqual(nodes);
    await expectEqualNumbers(built);
  });

  it.each([
    ["as wide as a power of two", product(["T", 3], [3, 4096], ["T", 4096], 0, 0)],
    ["not wide enough", product(["T", 3], [3, 2048 - 128], ["T", 2048 - 128], 0, 0)],
    ["with no block of a useful size", product(["T", 3], [3, 2049], ["T", 2049], 0, 0)],
    ["with batches", product(["B", "T", 3], ["B", 3, 3072], ["B", "T", 3072], 0, 0)],
  ])("%s stays whole", (_, built) => {
    expect(types(built, standardLowering)).toEqual(["MatMul"]);
  });

  it("stays whole for bf16 and for ONNX Runtime, which order the matrix anew", () => {
    const built = product(["T", 3], [3, 3072], ["T", 3072], 0, 0);
    expect(types(built, bf16Lowering).filter((type) => type !== "Cast")).toEqual(["MatMul"]);
    expect(types(built, onnxRuntimeLowering)).toEqual(["MatMul"]);
  });
});

describe("a product with parameters, for bf16,", () => {
  const graph = new Graph();
  const [x, w] = [graph.input("x", "float32", ["T", 3]), graph.input("w", "float32", [4, 3])];
  const node = (type: string, inputs: Tensor[], dims: Dims, attributes: Attributes = {}) =>
    graph.add(type, inputs, [{ dtype: "float32", dims }], attributes, null).outputs[0];
  const h = node("FusedMatMul", [x, w], ["T", 4], { transA: 0, transB: 1 });
  const back = node("FusedMatMul", [h, w], ["T", 3], { transA: 0, transB: 0 });
  const read = (outputs: Record<string, Tensor>) => {
    const { input = [], node = [] } =
      fromBinary(ModelProtoSchema, emitModel(graph, outputs, bf16Lowering)).graph ?? {};
    return {
      inputs: input.map(({ name, type }) => [
        name,
        type?.value.case === "tensorType" ? type.value.value.elemType : undefined,
      ]),
      nodes: node.map(({ opType, input }) => `${opType} ${input.join(" ")}`),
    };
  };

  it("reads them rounded, by one conversion for all that read them", () => {
    const { inputs, nodes } = read({ back });
    expect(inputs).toEqual([
      ["x", 1],
      ["w:bf16", 16],
    ]);
    expect(nodes.filter((node) => node.startsWith("Cast"))).toEqual(["Cast w:bf16"]);
    expect(lowerGraph(graph, { back }, bf16Lowering).rounded).toEqual(new Map([["w:bf16", w]]));
  });

  it("leaves them in float32 too for what is no product", () => {
    expect(read({ back, sum: node("Add", [w, w], [4, 3]) }).inputs).toEqual([
      ["x", 1],
      ["w", 1],
      ["w:bf16", 16],
    ]);
  });

  it("leaves everything in float32 for other lowerings", () => {
    for (const lowering of [standardLowering, onnxRuntimeLowering]) {
      expect(lowerGraph(graph, { back }, lowering).rounded.size).toBe(0);
    }
  });
});

describe("a product's result, for bf16,", () => {
  const graph = new Graph();
  const [x, w] = [graph.input("x", "float32", ["T", 3]), graph.input("w", "float32", ["T", 3])];
  const node = (type: string, inputs: Tensor[], dims: Dims, attributes: Attributes = {}) =>
    graph.add(type, inputs, [{ dtype: "float32", dims }], attributes, null).outputs[0];
  const square = node("FusedMatMul", [x, w], ["T", "T"], { transA: 0, transB: 1 });
  const product = node("FusedMatMul", [square, x], ["T", 3], { transA: 0, transB: 0 });
  const sum = node("Add", [node("Relu", [product], ["T", 3]), x], ["T", 3]);
  const feeds = { x: waves(15, 0), w: waves(15, 1) };

  it("is made by an operator that adds nothing where what leads to an output reads it", async () => {
    const built = { graph, y: sum, feeds };
    // The first product is read by the second alone.
    expect(types(built, bf16Lowering)).toEqual(["Transpose", "MatMul", "MatMul", "Add", "Relu", "Add"]);
    await expectEqualNumbers(built, [bf16Lowering]);
  });

  it("is made so where it is an output as well", async () => {
    const outputs = { product, sum };
    const { nodes } = lowerGraph(graph, outputs, bf16Lowering);
    expect(nodes.find(({ outputs: [name] }) => name === "product")?.type).toBe("Add");
    const [plain, added] = await Promise.all(
      [standardLowering, bf16Lowering].map((lowering) => runGraph(graph, outputs, feeds, SIZES, lowering)),
    );
    expect(added).toEqual(plain);
  });

  it("is the product's own where a sum of rows reads it, which is a product too", () => {
    const axes = graph.int64([0]);
    const dims = { dtype: "float32" as const, dims: [3] };
    const total = graph.add("ReduceSum", [product, axes], [dims], { keepdims: 0 }, null).outputs[0];
    const adds = types({ graph, y: total, feeds }, bf16Lowering).filter((type) => type === "Add");
    expect(adds).toHaveLength(1); // the sum's
  });

  it("is the product's own where it is an output, and with other lowerings", () => {
    expect(types({ graph, y: product, feeds }, bf16Lowering)).toEqual(["Transpose", "MatMul", "MatMul"]);
    for (const lowering of [standardLowering, onnxRuntimeLowering]) {
      expect(types({ graph, y: sum, feeds }, lowering).filter((type) => type === "Add")).toHaveLength(1);
    }
  });
});

describe("a sum", () => {
  const sum = (x: Dims, dims: Dims, axes: number[], keepdims = 0) =>
    build("ReduceSum", [x], dims, { keepdims }, axes);
  const byProduct = ["Shape", "Expand", "MatMul"];
  const inFloat32 = ["Shape", "Expand", "Unsqueeze", "MatMul", "Add", "Squeeze"];

  it.each([
    ["of rows is a product with ones", sum(["T", 3], [3], [0]), byProduct, inFloat32],
    ["of rows that keeps its dim", sum(["T", 3], [1, 3], [0], 1), ["ReduceSum"]],
    ["of columns", sum(["T", 3], ["T"], [1]), ["ReduceSum"]],
    ["of both", sum(["T", 3], [], [0, 1]), ["ReduceSum"]],
    ["of rank 3", sum(["T", 2, 3], [2, 3], [0]), ["ReduceSum"]],
  ])("%s", async (_, built, fast, bf16 = fast) => {
    expect(types(built, onnxRuntimeLowering)).toEqual(fast);
    expect(types(built, bf16Lowering)).toEqual(bf16);
    expect(types(built, standardLowering)).toEqual(["ReduceSum"]);
    await expectEqualNumbers(built, [onnxRuntimeLowering, bf16Lowering]);
  });

  it("of rows takes the ones of another with as many rows, and none of one with others", async () => {
    const graph = new Graph();
    const cases = [
      { name: "a", rows: "T", width: 3, x: waves(15, 0) },
      { name: "b", rows: "B", width: 2, x: waves(4, 1) },
      { name: "c", rows: "T", width: 4, x: waves(20, 2) },
    ];
    const outputs = Object.fromEntries(
      cases.map(({ name, rows, width }) => {
        const inputs = [graph.input(name, "float32", [rows, width]), graph.int64([0])];
        const sum = { dtype: "float32" as const, dims: [width] };
        return [`sum of ${name}`, graph.add("ReduceSum", inputs, [sum], { keepdims: 0 }, null).outputs[0]];
      }),
    );
    const count = (type: string) =>
      lowerGraph(graph, outputs, bf16Lowering).nodes.filter((node) => node.type === type).length;
    expect(["MatMul", "Expand", "Shape"].map(count)).toEqual([3, 2, 2]);
    const feeds = Object.fromEntries(cases.map(({ name, x }) => [name, x]));
    const sums = await runGraph(graph, outputs, feeds, SIZES, onnxRuntimeLowering);
    for (const { name, width, x } of cases) {
      for (let column = 0; column < width; column++) {
        const expected = x.filter((_, i) => i % width === column).reduce((a, b) => a + b);
        expect(sums[`sum of ${name}`][column]).toBeCloseTo(expected);
      }
    }
  });
});

it("goes by the runtime and what it multiplies in", () => {
  expect(loweringOf({ name: "onnxruntime-binding", precision: "float32" })).toBe(onnxRuntimeLowering);
  expect(loweringOf({ name: "openvino" })).toBe(standardLowering);
  expect(loweringOf({ name: "openvino", precision: "bf16" })).toBe(bf16Lowering);
});

it("other operators are written as they are", () => {
  for (const lowering of [standardLowering, onnxRuntimeLowering]) {
    expect(types(build("Gelu", [["T"]], ["T"], { approximate: "none" }), lowering)).toEqual(["Gelu"]);
  }
});
