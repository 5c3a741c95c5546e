/** What is computed again: the same numbers, from the same nodes, late, and without being merged with the first ones. */
import { expect, it } from "vitest";
import { runGraph } from "../../../test/helpers/run-graph.ts";
import { Graph, type Tensor } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { add, exp, mul, tanh } from "../ops/elementwise.ts";
import { reduceSum } from "../ops/reduce.ts";
import { grad } from "./grad.ts";
import { Recomputation } from "./recomputation.ts";

/** y = sum(f(x)) and its gradient; `f` is given what makes a region. */
function build(f: (x: Tensor, region: <T>(part: () => T) => T) => Tensor) {
  const graph = new Graph();
  const x = graph.input("x", "float32", [3]);
  const recomputation = new Recomputation(graph, graph.input("zero", "float32", []));
  const y = reduceSum(f(x, (part) => recomputation.region(part)));
  const [dx] = recomputation.backward(() => grad(y, [x], graph.float32(1)));
  return { graph, outputs: { y, dx } };
}

const tanhOfExp = (x: Tensor) => tanh(exp(x));
const text = ({ graph, outputs }: ReturnType<typeof build>) => printGraph(graph, outputs);
const count = (what: string, built: ReturnType<typeof build>) => text(built).split(` = ${what}(`).length - 1;

it("copies what the backward pass reads of a region, on its input and zero, and nothing else", () => {
  const built = build((x, region) =>
    mul(
      region(() => tanhOfExp(x)),
      2,
    ),
  );
  expect(
    text(built)
      .split("\n")
      .filter((line) => /= (Exp|Tanh)|zero\)/.test(line)),
  ).toEqual([
    "exp_1: float32[3] = Exp(x)",
    "tanh_2: float32[3] = Tanh(exp_1)",
    // tanh_2 is read by the node after the region and kept; exp_1 is not.
    expect.stringMatching(/^add_(\d+): float32\[3\] = Add\(x, zero\)$/),
    expect.stringMatching(/^exp_(\d+): float32\[3\] = Exp\(add_\d+\)$/),
  ]);
});

it("copies a value that several nodes read once", () => {
  const once = build((x, region) =>
    mul(
      region(() => {
        const e = exp(x);
        return mul(mul(e, e), tanh(e));
      }),
      2,
    ),
  );
  expect([count("Exp", once), count("Tanh", once)]).toEqual([2, 2]);
});

it("keeps what one region reads of another", () => {
  const two = build((x, region) => {
    const first = region(() => tanhOfExp(x));
    return mul(
      region(() => tanhOfExp(first)),
      1,
    );
  });
  // What leaves a region, its tanh, is kept; both exps are computed again.
  expect([count("Exp", two), count("Tanh", two)]).toEqual([4, 2]);
});

it("gives the same bits as what was kept", async () => {
  const f = (x: Tensor) => add(mul(tanhOfExp(x), exp(x)), x);
  const feeds = { x: [-1.3, 0.2, 0.7], zero: [0] };
  const run = ({ graph, outputs }: ReturnType<typeof build>) => runGraph(graph, outputs, feeds);
  const kept = await run(build((x) => f(x)));
  expect(kept.dx.every((value) => Math.abs(value) > 0.1)).toBe(true);
  expect(await run(build((x, region) => region(() => f(x))))).toEqual(kept);
  const twice = await run(build((x, region) => region(() => f(region(() => f(x))))));
  expect(twice).toEqual(await run(build((x) => f(f(x)))));
});

it("leaves the forward pass and nodes after the backward pass alone", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [3]);
  const recomputation = new Recomputation(graph, graph.input("zero", "float32", []));
  const inner = recomputation.region(() => exp(x));
  const y = reduceSum(recomputation.region(() => tanh(inner)));
  const before = graph.nodes.length;
  recomputation.backward(() => grad(y, [x], graph.float32(1)));
  expect(graph.nodes.slice(0, before).map(({ type }) => type)).toEqual(["Exp", "Tanh", "ReduceSum"]);
  expect(graph.nodes[1].inputs).toEqual([inner]);
  const later = tanh(inner);
  expect(graph.nodes.at(-1)).toMatchObject({ inputs: [inner], outputs: [later] });
});
