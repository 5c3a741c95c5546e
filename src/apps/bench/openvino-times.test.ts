/** A profile of two runs of three nodes, one of them not the model's; the first run does not count. */
import { expect, it } from "vitest";
import { matMul } from "../../internals.ts";
import { emitModel, Graph, standardLowering } from "../../node.ts";
import { openVinoTimes } from "./openvino-times.ts";

const graph = new Graph();
const x = graph.input("x", "float32", ["T", 3]);
const w = graph.input("w", "float32", [3, 4]);
const loss = matMul(x, w);
const dX = matMul(loss, w, { transB: true });
const model = emitModel(graph, { loss, dX }, standardLowering);

const run = (ms: number, factor: number) => ({
  ms,
  operators: [
    { name: "loss", type: "FullyConnected", us: 1000 * factor },
    { name: "dX", type: "FullyConnected", us: 3000 * factor },
    { name: "loss_abc_acb_dX", type: "Reorder", us: 500 * factor },
  ],
});

it("sums by phase and operator, per run", () => {
  expect(openVinoTimes([run(90, 9), run(10, 1), run(20, 2)], model)).toEqual({
    runMs: 15,
    operators: [
      { phase: "backward", operator: "FullyConnected", ms: 4.5, calls: 1, operations: 0 },
      { phase: "forward", operator: "FullyConnected", ms: 1.5, calls: 1, operations: 0 },
      { phase: "", operator: "Reorder", ms: 0.75, calls: 1, operations: 0 },
    ],
  });
});
