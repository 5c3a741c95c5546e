/** Reverse mode itself: how cotangents add up, what is refused, and what it leaves out. The operators have their own test. */
import { describe, expect, it } from "vitest";
import { runGraph } from "../../../test/helpers/run-graph.ts";
import { customVjp, Graph, type Tensor } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { add, cast, exp, greater, mul } from "../ops/elementwise.ts";
import { gelu } from "../ops/gelu.ts";
import { concat, gather } from "../ops/movement.ts";
import { reduceSum } from "../ops/reduce.ts";
import { grad } from "./grad.ts";

/** The gradients of `f(x)`, `x [3]`, as numbers. */
async function gradientOf(f: (x: Tensor) => Tensor, x: number[]): Promise<number[]> {
  const graph = new Graph();
  const input = graph.input("x", "float32", [3]);
  const [dx] = grad(f(input), [input], graph.float32(1));
  return Array.from((await runGraph(graph, { dx }, { x })).dx);
}

describe("grad", () => {
  it("adds the cotangents of every use", async () => {
    expect(await gradientOf((x) => reduceSum(add(mul(x, x), mul(x, 3))), [1, 2, -1])).toEqual([5, 7, 1]);
  });

  it("sums over the axes along which an input was stretched", async () => {
    const graph = new Graph();
    const [row, column] = [graph.input("row", "float32", [3]), graph.input("column", "float32", [2, 1])];
    const [dRow, dColumn] = grad(mul(row, column), [row, column], graph.float32([1, 2, 3, 4, 5, 6], [2, 3]));
    expect([dRow.dims, dColumn.dims]).toEqual([[3], [2, 1]]);
    const result = await runGraph(graph, { dRow, dColumn }, { row: [1, 10, 100], column: [2, 3] });
    expect(Array.from(result.dRow)).toEqual([2 + 12, 4 + 15, 6 + 18]);
    expect(Array.from(result.dColumn)).toEqual([321, 654]);
  });

  it("scales by the seed", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const [dx] = grad(reduceSum(mul(x, x)), [x], graph.float32(0.25));
    expect(Array.from((await runGraph(graph, { dx }, { x: [1, 2] })).dx)).toEqual([0.5, 1]);
  });

  it("gives the seed back for the result itself", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const seed = graph.float32([1, 1], [2]);
    expect(grad(x, [x], seed)).toEqual([seed]);
  });

  it("differentiates a gradient", async () => {
    const cubeSlope = (x: Tensor) => grad(reduceSum(mul(mul(x, x), x)), [x], x.graph.float32(1))[0];
    expect(await gradientOf((x) => reduceSum(cubeSlope(x)), [1, 2, -1])).toEqual([6, 12, -6]);
  });

  it("takes a derivative of one's own in place of the nodes it stands for", async () => {
    const doubled = (x: Tensor) =>
      customVjp(
        "Doubled",
        [x],
        () => [exp(x)] as const,
        ([dy]) => [dy ? mul(dy, 2) : null],
      )[0];
    expect(await gradientOf((x) => reduceSum(doubled(x)), [1, 2, 3])).toEqual([2, 2, 2]);
  });

  it("builds nothing for inputs that are not asked for", () => {
    const graph = new Graph();
    const [x, frozen] = [graph.input("x", "float32", [2]), graph.input("frozen", "float32", [2])];
    const y = reduceSum(mul(x, exp(frozen)));
    const [dx] = grad(y, [x], graph.float32(1));
    const backward = graph.nodes.slice(graph.nodes.findIndex(({ outputs }) => outputs[0] === y) + 1);
    expect(backward.every(({ inputs }) => !inputs.includes(frozen))).toBe(true);
    expect(printGraph(graph, { dx })).not.toContain("ReduceSum");
  });

  it("stops at an operation without a derivative where nothing asked for lies behind it", async () => {
    expect(await gradientOf((x) => reduceSum(mul(x, x.graph.float32([1, 2, 3], [3]))), [0, 0, 0])).toEqual([
      1, 2, 3,
    ]);
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const mask = cast(greater(graph.input("other", "float32", [2]), 0), "float32");
    const [dx] = grad(reduceSum(mul(x, mask)), [x], graph.float32(1));
    const { dx: values } = await runGraph(graph, { dx }, { x: [5, 5], other: [-1, 1] });
    expect(Array.from(values)).toEqual([0, 1]);
  });
});

describe("grad refuses", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [4, 3]);
  const index = graph.input("index", "int64", [2]);
  const one = graph.float32(1);

  it.each([
    ["Gather", () => reduceSum(gather(x, index))],
    ["Cast", () => reduceSum(cast(greater(x, 0), "float32"))],
    ["Concat", () => reduceSum(concat([x, x], 0))],
  ])("to go through %s", (type, build) => {
    expect(() => grad(build(), [x], one)).toThrow(`grad: ${type} has no derivative`);
  });

  it("an input that the result does not depend on, by name", () => {
    const stranger = graph.input("stranger", "float32", [2]);
    expect(() => grad(reduceSum(x), [x, stranger], one)).toThrow(
      /grad: reducesum_\d+ does not depend on stranger/,
    );
  });

  it("a seed of other dims than the result's", () => {
    expect(() => grad(reduceSum(x), [x], graph.float32([1], [1]))).toThrow(
      "grad: a seed of [1] for a result of []",
    );
  });
});

it("gelu has a derivative where no dim has a size yet", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["B", "S"]);
  const [dx] = grad(reduceSum(gelu(x)), [x], graph.float32(1));
  expect(dx.dims).toEqual(["B", "S"]);
});
