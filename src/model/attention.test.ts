/** Attention and its gradients against the textbook's formulas in float64, written out with loops. */
import { describe, expect, it } from "vitest";
import { runGraph } from "../../test/helpers/run-graph.ts";
import { grad } from "../engine/autodiff/grad.ts";
import { Recomputation } from "../engine/autodiff/recomputation.ts";
import { Graph, type Tensor } from "../engine/graph/graph.ts";
import { mul } from "../engine/ops/elementwise.ts";
import { reduceSum } from "../engine/ops/reduce.ts";
import { attention } from "./attention.ts";

interface Sizes {
  B: number;
  A: number;
  Q: number;
  S: number;
  D: number;
}

interface Inputs {
  q: number[];
  k: number[];
  v: number[];
  /** [B, S] */
  bias: number[];
  /** [B, A, Q, S] */
  mask?: number[];
  /** Cotangent of the output. */
  weight: number[];
}

const PROBABILITY = 0.25;
const PAD = -1e9;

const waves = (length: number, phase: number) =>
  Array.from({ length }, (_, i) => 1.3 * Math.sin(phase + 1.7 * i) + 0.4 * Math.cos(0.3 * i * i));

/** Row b has b pads at its end. */
function inputs({ B, A, Q, S, D }: Sizes, dropout: boolean): Inputs {
  return {
    q: waves(B * A * Q * D, 1),
    k: waves(B * A * S * D, 2),
    v: waves(B * A * S * D, 3),
    bias: Array.from({ length: B * S }, (_, i) => (i % S >= S - Math.floor(i / S) ? PAD : 0.2 * (i % 3))),
    mask: dropout ? Array.from({ length: B * A * Q * S }, (_, i) => ((i * 7) % 5 === 0 ? 0 : 1)) : undefined,
    weight: waves(B * A * Q * D, 4),
  };
}

/** Output, and the gradients of sum(weight * output), by the definition: dS = P (dP - sum_j P_j dP_j). */
function reference({ B, A, Q, S, D }: Sizes, { q, k, v, bias, mask, weight }: Inputs) {
  const scale = 1 / Math.sqrt(D);
  const keep = mask ? 1 / (1 - PROBABILITY) : 1;
  const [output, dQ, dK, dV] = [q, q, k, v].map(({ length }) => new Array<number>(length).fill(0));
  for (let head = 0; head < B * A; head++) {
    const b = Math.floor(head / A);
    for (let i = 0; i < Q; i++) {
      const row = (head * Q + i) * D;
      const key = (j: number) => (head * S + j) * D;
      const range = (length: number) => Array.from({ length }, (_, n) => n);
      const scores = range(S).map(
        (j) => range(D).reduce((sum, d) => sum + q[row + d] * k[key(j) + d], 0) * scale + bias[b * S + j],
      );
      const top = Math.max(...scores);
      const exponentials = scores.map((x) => Math.exp(x - top));
      const total = exponentials.reduce((a, c) => a + c);
      const p = exponentials.map((x) => x / total);
      const kept = range(S).map((j) => (mask ? mask[(head * Q + i) * S + j] : 1) * keep);
      const dP = range(S).map(
        (j) => range(D).reduce((sum, d) => sum + weight[row + d] * v[key(j) + d], 0) * kept[j],
      );
      const mean = range(S).reduce((sum, j) => sum + p[j] * dP[j], 0);
      for (const j of range(S)) {
        const dS = p[j] * (dP[j] - mean) * scale;
        for (const d of range(D)) {
          output[row + d] += p[j] * kept[j] * v[key(j) + d];
          dV[key(j) + d] += p[j] * kept[j] * weight[row + d];
          dQ[row + d] += dS * k[key(j) + d];
          dK[key(j) + d] += dS * q[row + d];
        }
      }
    }
  }
  return { output, dQ, dK, dV };
}

/** As a layer of BERT calls it. */
function scaledAttention(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, mask?: Tensor): Tensor {
  const queries = mul(q, 1 / Math.sqrt(q.dims.at(-1) as number));
  return attention(queries, k, mask ? mul(v, 1 / (1 - PROBABILITY)) : v, bias, mask);
}

function run({ B, A, Q, S, D }: Sizes, given: Inputs, recomputes = false) {
  const graph = new Graph();
  const zero = graph.input("zero", "float32", []);
  const q = graph.input("q", "float32", [B, A, Q, D]);
  const k = graph.input("k", "float32", [B, A, S, D]);
  const v = graph.input("v", "float32", [B, A, S, D]);
  const bias = graph.input("bias", "float32", [B, 1, 1, S]);
  const weight = graph.input("weight", "float32", [B, A, Q, D]);
  const mask = given.mask && graph.input("mask", "uint8", [B, A, Q, S]);
  const recomputation = new Recomputation(graph, zero);
  const build = () => scaledAttention(q, k, v, bias, mask);
  const output = recomputes ? recomputation.region(build) : build();
  const loss = reduceSum(mul(output, weight));
  const [dQ, dK, dV] = recomputation.backward(() => grad(loss, [q, k, v], graph.float32(1)));
  return runGraph(graph, { output, dQ, dK, dV }, { ...given, mask: given.mask ?? [], zero: [0] });
}

describe.each([
  ["all rows as queries", { B: 3, A: 2, Q: 5, S: 5, D: 4 }],
  ["one query a row", { B: 3, A: 2, Q: 1, S: 5, D: 4 }],
  ["one key", { B: 1, A: 1, Q: 1, S: 1, D: 2 }],
] as const)("%s", (_name, sizes) => {
  it.each([false, true])("output and gradients, with dropout: %s", async (dropout) => {
    const given = inputs(sizes, dropout);
    const got = await run(sizes, given);
    for (const [name, expected] of Object.entries(reference(sizes, given))) {
      expect(got[name], name).toHaveLength(expected.length);
      const worst = expected.reduce((max, x, i) => Math.max(max, Math.abs(x - got[name][i])), 0);
      expect(worst, name).toBeLessThan(1e-5);
    }
  });
});

it.each([false, true])(
  "probabilities that are computed again give the same bits, with dropout: %s",
  async (dropout) => {
    const sizes = { B: 3, A: 2, Q: 5, S: 5, D: 4 };
    const given = inputs(sizes, dropout);
    expect(await run(sizes, given, true)).toEqual(await run(sizes, given, false));
  },
);

it("pads get no weight and no gradient", async () => {
  const sizes = { B: 2, A: 1, Q: 3, S: 3, D: 2 };
  const given = inputs(sizes, false);
  const other = { ...given, k: [...given.k], v: [...given.v] };
  // The last key of row 1 is a pad: its values must not matter.
  for (const i of [10, 11]) [other.k[i], other.v[i]] = [50, -50];
  const [one, two] = [await run(sizes, given), await run(sizes, other)];
  expect(two.output).toEqual(one.output);
  expect([...one.dK.slice(10), ...one.dV.slice(10)].map(Math.abs)).toEqual([0, 0, 0, 0]);
});
