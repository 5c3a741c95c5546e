/** Tensors, constants, names and the tape; symbolic dims; what is pruned; the text form. */
import { describe, expect, it } from "vitest";
import { broadcastDims, normalizeAxis, resolveDims, volume } from "./dims.ts";
import { customVjp, Graph } from "./graph.ts";
import { printGraph } from "./print.ts";
import { leadingTo, neededNodes } from "./prune.ts";

const float = (dims: (number | string)[]) => ({ dtype: "float32" as const, dims });

describe("Graph", () => {
  it("refuses a second tensor of one name", () => {
    const graph = new Graph();
    graph.input("x", "float32", ["T"]);
    expect(() => graph.input("x", "float32", ["T"])).toThrow("internal: two tensors are called x");
  });

  it("makes equal constants once, told apart by type, dims and values", () => {
    const graph = new Graph();
    expect(graph.float32(0.1)).toBe(graph.float32([0.1]));
    expect(graph.float32([1, 2], [2])).toBe(graph.float32([1, 2], [2]));
    expect(graph.float32([1, 2], [2])).not.toBe(graph.float32([1, 2], [2, 1]));
    expect(graph.int64([1, 2])).not.toBe(graph.float32([1, 2], [2]));
    expect(graph.constants).toHaveLength(4);
  });

  it("refuses constants whose values do not fill their dims", () => {
    expect(() => new Graph().float32([1, 2, 3], [2])).toThrow("internal: 3 values for a constant of [2]");
  });

  it("keeps tensors from being changed", () => {
    const x = new Graph().input("x", "float32", [2]);
    expect(() => (x.dims as number[]).push(3)).toThrow(TypeError);
    expect(() => Object.assign(x, { name: "y" })).toThrow(TypeError);
  });

  it("puts one record on the tape for nodes with a derivative of their own, also after a mistake in between", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const twoNodes = () => {
      const [y] = graph.add("Exp", [x], [float([2])], {}, null).outputs;
      return graph.add("Neg", [y], [float([2])], {}, null).outputs;
    };
    customVjp("Both", [x], twoNodes, () => [null]);
    expect(graph.nodes.map(({ type }) => type)).toEqual(["Exp", "Neg"]);
    expect(graph.tape.map(({ what }) => what)).toEqual(["Both"]);
    const failing = () => {
      throw new Error("mistake");
    };
    expect(() => customVjp("Failing", [x], failing, () => [null])).toThrow("mistake");
    graph.add("Neg", [x], [float([2])], {}, null);
    expect(graph.tape.map(({ what }) => what)).toEqual(["Both", "Neg"]);
  });
});

describe("dims", () => {
  it("broadcast from the right; a 1 stretches", () => {
    expect(broadcastDims("f", [2, 1], [3])).toEqual([2, 3]);
    expect(broadcastDims("f", ["B", "S", 1], ["S", 4])).toEqual(["B", "S", 4]);
    expect(broadcastDims("f", [], ["T"])).toEqual(["T"]);
    expect(() => broadcastDims("f", ["B"], ["S"])).toThrow("f: cannot broadcast [B] with [S]");
  });

  it("hold equally many values whatever the order of symbols", () => {
    expect(volume(["B", 2, "S", 3])).toBe("6*B*S");
    expect(volume(["S*B", 6])).toBe("6*B*S");
    expect(volume([])).toBe("1");
  });

  it("resolve to a batch's sizes, all of which must be there", () => {
    expect(resolveDims(["T", 4], { T: 7 })).toEqual([7, 4]);
    expect(resolveDims(["B*S", "T+1", "2*B*S+B"], { B: 3, S: 5, T: 7 })).toEqual([15, 8, 33]);
    expect(() => resolveDims(["T", "S"], { T: 7 })).toThrow("internal: dimension S has no size");
  });

  it("count axes from either end", () => {
    expect([normalizeAxis("f", -1, 3), normalizeAxis("f", 0, 3)]).toEqual([2, 0]);
    for (const axis of [3, -4]) expect(() => normalizeAxis("f", axis, 3)).toThrow(RangeError);
  });
});

describe("the text form", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["T", 3]);
  const w = graph.input("w", "float32", [3]);
  const unused = graph.input("unused", "int64", ["T"]);
  const [y] = graph.add("Mul", [x, w], [float(["T", 3])], {}, null).outputs;
  graph.add("Cast", [unused], [float(["T"])], { to: 1 }, null);
  const axes = graph.int64([0]);
  const [sum] = graph.add("ReduceSum", [y, axes], [float([3])], { keepdims: 0 }, null).outputs;
  graph.add("Neg", [sum], [float([3])], {}, null);

  it("has a line an input, constant, node and output, and only what the outputs need", () => {
    expect(printGraph(graph, { sum, again: sum })).toBe(
      [
        "input x: float32[T, 3]",
        "input w: float32[3]",
        "constant constant_3: int64[1] = 0",
        "mul_1: float32[T, 3] = Mul(x, w)",
        "reducesum_4: float32[3] = ReduceSum(mul_1, constant_3) {keepdims: 0}",
        "output sum = reducesum_4",
        "output again = reducesum_4",
        "",
      ].join("\n"),
    );
  });

  it("prunes from the outputs backwards, in order", () => {
    const { nodes, used } = neededNodes(graph, [sum]);
    expect(nodes.map(({ type }) => type)).toEqual(["Mul", "ReduceSum"]);
    expect(used.has(unused)).toBe(false);
    expect(neededNodes(graph, [x]).nodes).toEqual([]);
  });

  it("finds what leads to an output without certain nodes in between", () => {
    const { nodes } = neededNodes(graph, [sum]);
    const leading = (type: string) => leadingTo([sum], nodes, (node) => node.type === type);
    expect(leading("none")).toEqual(new Set([...nodes[0].inputs, ...nodes[1].inputs]));
    expect(leading("Mul")).toEqual(new Set(nodes[1].inputs));
    // Nothing reads the output itself.
    expect(leading("ReduceSum")).toEqual(new Set());
    // Read by the end, and past it.
    const [product] = nodes[0].outputs;
    const both = leadingTo([sum, product], nodes, (node) => node.type === "ReduceSum");
    expect(both).toEqual(new Set(nodes[0].inputs));
  });
});
