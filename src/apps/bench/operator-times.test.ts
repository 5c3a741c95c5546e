/** A profile of three nodes and two runs, the first of which does not count. */
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { expect, it } from "vitest";
import { matMul } from "../../internals.ts";
import { emitModel, Graph, standardLowering } from "../../node.ts";
import { operatorTimes, type ProfileEvent } from "./operator-times.ts";
import { profileLines } from "./profile.ts";

const graph = new Graph();
const x = graph.input("x", "float32", ["T", 3]);
const w = graph.input("w", "float32", [3, 4]);
const loss = matMul(x, w);
const dX = matMul(loss, w, { transB: true });
const model = emitModel(graph, { loss, dX }, standardLowering);

/** Nodes are listed in an order of their own. */
const nodes = fromBinary(ModelProtoSchema, model).graph?.node ?? [];
const forward = nodes.findIndex(({ output }) => output.includes("loss"));
const backward = nodes.findIndex(({ output }) => output.includes("dX"));
const transpose = nodes.findIndex(({ opType }) => opType === "Transpose");

const shape = (...dims: number[]) => ({ float: dims });
function node(
  ts: number,
  dur: number,
  op_name: string,
  index: number,
  shapes: number[][] = [],
): ProfileEvent {
  const [output, ...inputs] = shapes.map((dims) => shape(...dims));
  const args = { op_name, node_index: String(index), input_type_shape: inputs, output_type_shape: [output] };
  return { cat: "Node", name: `${op_name}_${index}_kernel_time`, ts, dur, args };
}
const run = (ts: number, dur: number) => ({ cat: "Session", name: "model_run", ts, dur, args: {} });
const product = [
  [5, 4],
  [5, 3],
  [3, 4],
];
const EVENTS = [
  ...[node(10, 500, "MatMul", forward, product), run(0, 1000)],
  ...[
    node(2000, 3000, "MatMul", forward, product),
    node(5000, 1000, "Transpose", transpose),
    node(6000, 4000, "MatMul", backward, [
      [5, 3],
      [5, 4],
      [4, 3],
    ]),
  ],
  ...[
    { cat: "Session", name: "SequentialExecutor::Execute", ts: 1900, dur: 9000, args: {} },
    run(1500, 10_000),
  ],
];

it("sums by phase and operator, per run, and counts the products' operations", () => {
  const operations = 2 * 5 * 3 * 4;
  expect(operatorTimes(EVENTS, model)).toEqual({
    runMs: 10,
    operators: [
      { phase: "backward", operator: "MatMul", ms: 4, calls: 1, operations },
      { phase: "forward", operator: "MatMul", ms: 3, calls: 1, operations },
      { phase: "backward", operator: "Transpose", ms: 1, calls: 1, operations: 0 },
    ],
  });
});

it("of products in groups, one operand transposed, the inner dim is found by their volumes", () => {
  const [B, A, S, D] = [2, 3, 7, 5];
  const attention = node(2000, 1000, "FusedMatMul", forward, [
    [B, A, S, S],
    [B, A, S, D],
    [B, A, S, D],
  ]);
  const { operators } = operatorTimes([run(0, 1000), attention, run(2000, 1500)], model);
  expect(operators).toEqual([expect.objectContaining({ operations: 2 * B * A * S * S * D })]);
});

it("prints shares of the step, and what lies between and outside of the operators", () => {
  expect(profileLines(operatorTimes(EVENTS, model), 20)).toEqual([
    "phase     operator                      ms    share    calls   GFLOPS",
    "backward  MatMul                       4.0   20.0 %        1        0",
    "forward   MatMul                       3.0   15.0 %        1        0",
    "backward  Transpose                    1.0    5.0 %        1",
    "          other operators              0.0    0.0 %",
    "          between operators            2.0   10.0 %",
    "          outside of the graph        10.0   50.0 %",
    "forward   all                          3.0   15.0 %",
    "backward  all                          5.0   25.0 %",
  ]);
});
