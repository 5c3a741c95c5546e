/** What LayerNormalization's lowerings tell its gradient, against the formulas in float64. */
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { runGraph } from "../../../test/helpers/run-graph.ts";
import { Graph, type Tensor } from "../graph/graph.ts";
import { emitModel, lowerGraph } from "./emit.ts";
import { onnxRuntimeLowering, standardLowering } from "./lowering.ts";

const SIZE = 8;
const EPSILON = 1e-12;
const LOWERINGS = [
  ["ONNX Runtime's", onnxRuntimeLowering],
  ["the standard one", standardLowering],
] as const;

function build() {
  const graph = new Graph();
  const inputs = [
    graph.input("x", "float32", ["T", SIZE]),
    ...["gamma", "beta"].map((name) => graph.input(name, "float32", [SIZE])),
  ];
  const types = [
    ["T", SIZE],
    ["T", SIZE],
    ["T", 1],
  ].map((dims) => ({ dtype: "float32" as const, dims }));
  const attributes = { axis: -1, epsilon: EPSILON };
  const { outputs } = graph.add("LayerNormalization", inputs, types, attributes, null);
  return { graph, outputs };
}

function reference(row: readonly number[]) {
  const mean = row.reduce((a, b) => a + b) / SIZE;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / SIZE;
  const r = 1 / Math.sqrt(variance + EPSILON);
  return { r, xhat: row.map((x) => (x - mean) * r) };
}

describe.each(LOWERINGS)("%s", (_name, lowering) => {
  const waves = (phase: number, height: number, level: number) =>
    Array.from({ length: SIZE }, (_, i) => Math.fround(level + height * Math.sin(phase + 1.3 * i)));

  it.each([
    ["of ordinary rows", [waves(0, 1, 0), waves(1, 3, -0.5)], 1e-6],
    // The mean's rounding, 6e-8 of it, counts (mean / deviation)^2 times: 200 here, 0.01 in MiniLM-L6.
    ["far from zero", [waves(2, 1, 10)], 5e-5],
    ["small ones", [waves(3, 1e-4, 0)], 1e-6],
  ])("tells xhat and r %s", async (_rows, rows, tolerance) => {
    const { graph, outputs } = build();
    const feeds = { x: rows.flat(), gamma: waves(4, 1, 1), beta: waves(5, 1, 0) };
    const [y, xhat, r] = outputs;
    const got = await runGraph(graph, { y, xhat, r }, feeds, { T: rows.length }, lowering);
    for (const [i, row] of rows.entries()) {
      const expected = reference(row);
      expect(Math.abs(got.r[i] / expected.r - 1)).toBeLessThan(tolerance);
      for (const [j, value] of expected.xhat.entries()) {
        expect(Math.abs(got.xhat[i * SIZE + j] - value)).toBeLessThan(4 * tolerance);
        const scaled = value * feeds.gamma[j] + feeds.beta[j];
        expect(Math.abs(got.y[i * SIZE + j] - scaled)).toBeLessThan(8 * tolerance);
      }
    }
  });

  it("gives beta and 1 / sqrt(epsilon) where a row is of one value", async () => {
    const { graph, outputs } = build();
    const feeds = { x: Array(SIZE).fill(0.5), gamma: Array(SIZE).fill(1), beta: waves(5, 1, 0) };
    const [y, xhat, r] = outputs;
    const got = await runGraph(graph, { y, xhat, r }, feeds, { T: 1 }, lowering);
    expect([...got.xhat].map(Math.abs)).toEqual(Array(SIZE).fill(0));
    expect([...got.y]).toEqual(feeds.beta);
    expect(Math.abs(got.r[0] / 1e6 - 1)).toBeLessThan(1e-6);
  });

  it("is the operator alone where no gradient is wanted", () => {
    const { graph, outputs } = build();
    const { node = [] } =
      fromBinary(ModelProtoSchema, emitModel(graph, { y: outputs[0] }, lowering)).graph ?? {};
    expect(node.map(({ opType, output }) => [opType, output])).toEqual([["LayerNormalization", ["y"]]]);
  });

  it("tells a plan of memory how large its values are", () => {
    const { graph, outputs } = build();
    const [y, xhat, r] = outputs;
    const { nodes, values } = lowerGraph(graph, { y, xhat, r }, lowering);
    const dims = nodes.flatMap((node) => node.outputs.map((name) => values.get(name)?.dims.join(",")));
    for (const one of dims) expect(["T", "T,1", `T,${SIZE}`]).toContain(one);
    expect(values.get(nodes.find(({ type }) => type === "ReduceMean")?.outputs[0] ?? "r")?.dims).toEqual([
      "T",
      1,
    ]);
  });

  it("writes nothing that nobody reads", () => {
    const { graph, outputs } = build();
    const [y, xhat, r] = outputs;
    const sets: Record<string, Tensor>[] = [{ y }, { xhat }, { r }, { y, r }, { xhat, r }];
    for (const wanted of sets) {
      const { nodes } = lowerGraph(graph, wanted, lowering);
      const read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...Object.keys(wanted)]);
      for (const { outputs } of nodes) expect(outputs.some((name) => read.has(name))).toBe(true);
    }
  });
});

it("stays finite where the standard lowering's mean of a product loses all of a row's variance", async () => {
  const { graph, outputs } = build();
  const rows = [1, 3, 0.1, 1e3].map((level) =>
    Array.from({ length: SIZE }, (_, i) => Math.fround(level * (1 + 1e-6 * Math.sin(i)))),
  );
  const feeds = { x: rows.flat(), gamma: Array(SIZE).fill(1), beta: Array(SIZE).fill(0) };
  const r = (await runGraph(graph, { r: outputs[2] }, feeds, { T: rows.length }, standardLowering)).r;
  for (const value of r) {
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(1.01 / Math.sqrt(EPSILON));
  }
});
