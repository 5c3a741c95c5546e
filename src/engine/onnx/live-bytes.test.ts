/** The memory of a run's values, counted by hand on small graphs. */
import { describe, expect, it } from "vitest";
import type { Dims } from "../graph/dims.ts";
import { type Attributes, Graph, type Tensor } from "../graph/graph.ts";
import { lowerGraph } from "./emit.ts";
import { peakLiveBytes } from "./live-bytes.ts";
import { onnxRuntimeLowering, standardLowering } from "./lowering.ts";

const KILO = 1000;

/** A graph over `x [N]`, N = 1000 float32, and its peak in units of 4000 bytes, the size of x. */
function peak(build: (x: Tensor, op: Op) => Record<string, Tensor>): number {
  const graph = new Graph();
  const op: Op = (type, inputs, dims = ["N"], attributes = {}) =>
    graph.add(type, inputs, [{ dtype: "float32", dims }], attributes, null).outputs[0];
  const outputs = build(graph.input("x", "float32", ["N"]), op);
  return peakLiveBytes(lowerGraph(graph, outputs, onnxRuntimeLowering), { N: KILO }) / (4 * KILO);
}
type Op = (type: string, inputs: Tensor[], dims?: Dims, attributes?: Attributes) => Tensor;

describe("peakLiveBytes", () => {
  it("counts neither inputs nor outputs", () => {
    expect(peak((x, op) => ({ y: op("Gelu", [x]) }))).toBe(0);
    expect(peak((x, op) => ({ y: op("Gelu", [op("Gelu", [x])]) }))).toBe(1);
  });

  it("counts a value until its last reader is done, and takes its memory again", () => {
    const chain = (length: number) =>
      peak((x, op) => ({ y: Array.from({ length }).reduce<Tensor>((h) => op("Gelu", [h]), x) }));
    expect([chain(2), chain(3), chain(9)]).toEqual([1, 2, 2]);
    // The first value is read at the end again.
    const kept = peak((x, op) => {
      const first = op("Gelu", [x]);
      return { y: op("Max", [op("Gelu", [op("Gelu", [first])]), first]) };
    });
    expect(kept).toBe(3);
  });

  it("lets an operator that may do so write over an input that nothing else reads", () => {
    expect(peak((x, op) => ({ y: op("Gelu", [op("Exp", [op("Neg", [op("Gelu", [x])])])]) }))).toBe(1);
    const squared = peak((x, op) => {
      const h = op("Gelu", [x]);
      return { y: op("Gelu", [op("Mul", [h, h])]) };
    });
    expect(squared).toBe(2);
    const broadcast = peak((x, op) => {
      const row = op("ReduceMax", [x], [1]);
      return { y: op("Gelu", [op("Mul", [row, op("Gelu", [x])])]) };
    });
    expect(broadcast).toBe(1 + 1 / KILO);
  });

  it("counts a view once, for as long as one of its names is read", () => {
    const viewed = peak((x, op) => {
      const h = op("Gelu", [x]);
      const view = op("Reshape", [h, h.graph.int64([-1, 1])], ["N", 1]);
      return { y: op("Gelu", [view], ["N", 1]), z: op("Gelu", [h]) };
    });
    expect(viewed).toBe(1);
  });

  it("does not give memory of other dims to a value, and keeps what it has for the next of its own", () => {
    const two = peak((x, op) => {
      const wide = op("Gelu", [op("Gelu", [x])]);
      return { y: op("Gelu", [op("Expand", [wide], [2, "N"])], [2, "N"]) };
    });
    expect(two).toBe(3);
    // The memory of the first value waits for that of the last but one, and is not given back in between.
    const later = peak((x, op) => {
      const wide = op("Gelu", [op("Gelu", [x])]);
      const doubled = op("Expand", [wide], [2, "N"]);
      return { y: op("Gelu", [op("Gelu", [op("ReduceMax", [doubled])])]) };
    });
    expect(later).toBe(4);
  });

  it("counts what a lowering puts in between", () => {
    const graph = new Graph();
    const [a, b] = ["a", "b"].map((name) => graph.input(name, "float32", ["N", 2]));
    const product = { transA: 1, transB: 0 };
    const [y] = graph.add("FusedMatMul", [a, b], [{ dtype: "float32", dims: [2, 2] }], product, null).outputs;
    expect(peakLiveBytes(lowerGraph(graph, { y }, onnxRuntimeLowering), { N: KILO })).toBe(8 * KILO);
  });

  it("knows the size of what a lowering reorders to a value of ours", () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", "float32", ["N", 1]), graph.input("b", "float32", [1, 3072])];
    const product = { transA: 0, transB: 0 };
    const output = [{ dtype: "float32" as const, dims: ["N", 3072] }];
    const [y] = graph.add("FusedMatMul", [a, b], output, product, null).outputs;
    // The product in blocks and the same turned, which its output is a view of; the blocks of b are gone.
    const lowered = lowerGraph(graph, { y }, standardLowering);
    expect(peakLiveBytes(lowered, { N: KILO })).toBe(2 * 4 * 3072 * KILO);
  });

  it("grows with the sizes that a dim is made of", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", ["B", "S"]);
    const flat = graph.add("Tile", [x], [{ dtype: "float32", dims: ["B*S+1"] }], {}, null).outputs[0];
    const y = graph.add("Gelu", [flat], [{ dtype: "float32", dims: ["B*S+1"] }], {}, null).outputs[0];
    const lowered = lowerGraph(graph, { y }, onnxRuntimeLowering);
    expect(peakLiveBytes(lowered, { B: 3, S: 5 })).toBe(4 * 16);
    expect(() => peakLiveBytes(lowered, { B: 3 })).toThrow("internal: dimension S has no size");
  });
});
