/** The attention of [CLS] alone against attention with keys and values, which has tests of its own. */
import { describe, expect, it } from "vitest";
import { runGraph } from "../../test/helpers/run-graph.ts";
import { grad } from "../engine/autodiff/grad.ts";
import { Graph, type Tensor } from "../engine/graph/graph.ts";
import { mul } from "../engine/ops/elementwise.ts";
import { gatherRows } from "../engine/ops/gather-rows.ts";
import { reshape, transpose, unsqueeze } from "../engine/ops/movement.ts";
import { reduceSum } from "../engine/ops/reduce.ts";
import { attention } from "./attention.ts";
import { clsAttention } from "./cls-attention.ts";
import { parseBertConfig } from "./config.ts";
import { Dropout, linear } from "./layers.ts";
import { FEEDS, type PackedInputs, packedInputs } from "./packed-inputs.ts";
import { Parameters } from "./parameters.ts";

const [A, D, DROP] = [3, 2, 0.25];
const H = A * D;
/** Rows of 4, 1 and 3 tokens: the first of each is its [CLS]. */
const [B, S, T] = [3, 4, 8];
const SIZES = { B, S, T };
const PAD = -1e9;

const waves = (length: number, phase: number) =>
  Array.from({ length }, (_, i) => 1.1 * Math.sin(phase + 1.7 * i) + 0.4 * Math.cos(0.3 * i * i));

const GIVEN = {
  h: waves(T * H, 1),
  weight: waves(B * H, 2),
  "mask:layer.probabilities": Array.from({ length: B * A * S }, (_, i) => ((i * 7) % 5 === 0 ? 0 : 1)),
  [FEEDS.grid]: [0, 1, 2, 3, 4, 0, 0, 0, 5, 6, 7, 0],
  [FEEDS.slots]: [0, 1, 2, 3, 4, 8, 9, 10],
  [FEEDS.keyBias]: [0, 0, 0, 0, 0, PAD, PAD, PAD, 0, 0, 0, PAD],
  [FEEDS.clsRows]: [0, 4, 5],
  [FEEDS.clsInverse]: [0, 3, 3, 3, 1, 2, 3, 3],
  ...Object.fromEntries(
    ["query", "key", "value"].flatMap((name, i) => [
      [`${name}.weight`, waves(H * H, 3 + i)],
      [`${name}.bias`, waves(H, 6 + i)],
    ]),
  ),
};

type Build = (p: Parameters, queries: Tensor, h: Tensor, x: PackedInputs, dropout: Dropout) => Tensor;

const absorbed =
  (drop: number): Build =>
  (p, queries, h, x, dropout) => {
    const sizes = { hidden_size: H, num_attention_heads: A, intermediate_size: H };
    const config = parseBertConfig({ model_type: "bert", ...sizes, attention_probs_dropout_prob: drop }, "");
    return clsAttention(p, queries, h, { x, config, dropout, name: "layer" });
  };

const plain =
  (drop: number): Build =>
  (p, queries, h, x, dropout) => {
    const heads = (rows: Tensor) =>
      transpose(reshape(gatherRows(rows, x.grid, x.slots), ["B", "S", A, D]), [0, 2, 1, 3]);
    const mask = dropout.mask("layer.probabilities", ["B", A, 1, "S"], drop);
    const q = reshape(mul(linear(p.at("query"), queries, H), 1 / Math.sqrt(D)), ["B", A, 1, D]);
    const k = heads(linear(p.at("key"), h, H));
    const v = heads(mul(linear(p.at("value"), h, H), mask ? 1 / (1 - drop) : 1));
    return reshape(attention(q, k, v, unsqueeze(x.keyBias, [1]), mask), ["B", H]);
  };

/** The context, and the gradients of sum(weight * context). */
async function run(build: Build, training: boolean) {
  const graph = new Graph();
  const x = packedInputs(graph);
  const parameters = new Parameters(graph);
  const h = graph.input("h", "float32", ["T", H]);
  const weight = graph.input("weight", "float32", ["B", H]);
  const dropout = new Dropout(graph, training);
  const context = build(parameters, gatherRows(h, x.clsRows, x.clsInverse), h, x, dropout);
  const names = parameters.specs.map(({ name }) => name);
  const wrt = [h, ...names.map((name) => parameters.tensor(name))];
  const gradients = grad(reduceSum(mul(context, weight)), wrt, graph.float32(1));
  const outputs = Object.fromEntries(["h", ...names].map((name, i) => [`gradient of ${name}`, gradients[i]]));
  return runGraph(graph, { context, ...outputs }, GIVEN, SIZES);
}

describe.each([
  ["in training", true, DROP],
  ["in training without dropout", true, 0],
  ["in evaluation", false, DROP],
] as const)("%s", (_name, training, drop) => {
  it("has the context and the gradients of attention with keys and values", async () => {
    const [got, expected] = [await run(absorbed(drop), training), await run(plain(drop), training)];
    expect(Object.keys(got)).toEqual(Object.keys(expected));
    expect(Math.hypot(...expected["gradient of value.bias"])).toBeGreaterThan(0.1);
    for (const [name, values] of Object.entries(expected)) {
      expect(got[name], name).toHaveLength(values.length);
      const worst = values.reduce((max, value, i) => Math.max(max, Math.abs(value - got[name][i])), 0);
      expect(worst, name).toBeLessThan(1e-5);
    }
  });
});
