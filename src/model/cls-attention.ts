/**
 * Attention of one query a row, `[CLS]`, to the row's tokens, without their keys and values: the weights of both move to
 * the query's side, since q (h Wk^T)^T = (q Wk) h^T and P (h Wv^T) = (P h) Wv^T. Two products with one row a text take the
 * place of two with one a token. Scores and context then are sums over H columns a head in place of D, which is little:
 * 2 A S H in place of 2 S H a text, where keys and values took 2 S H^2.
 * Letters: B rows, S the longest row, T tokens of the batch, H hidden size, A heads, D = H / A.
 */
import type { Tensor } from "../engine/graph/graph.ts";
import { add, cast, mul } from "../engine/ops/elementwise.ts";
import { gatherRows } from "../engine/ops/gather-rows.ts";
import { matMul } from "../engine/ops/matmul.ts";
import { reshape, transpose } from "../engine/ops/movement.ts";
import { reduceSum } from "../engine/ops/reduce.ts";
import { softmax } from "../engine/ops/softmax.ts";
import type { BertConfig } from "./config.ts";
import { type Dropout, linear, linearParameters } from "./layers.ts";
import type { PackedInputs } from "./packed-inputs.ts";
import type { Parameters } from "./parameters.ts";

/** What attention is built with beside its parameters and rows. */
interface ClsAttention {
  readonly x: PackedInputs;
  readonly config: BertConfig;
  readonly dropout: Dropout;
  /** Of the layer. */
  readonly name: string;
}

/** `queries [B, H]`, the `[CLS]` rows of `h [T, H]`, attending to the tokens of their own rows: the context `[B, H]`. */
export function clsAttention(
  p: Parameters,
  queries: Tensor,
  h: Tensor,
  { x, config, dropout, name }: ClsAttention,
): Tensor {
  const { hidden_size: size, num_attention_heads: heads, attention_probs_dropout_prob: drop } = config;
  const headSize = size / heads;
  const mask = dropout.mask(`${name}.probabilities`, ["B", heads, "S"], drop);
  const q = mul(linear(p.at("query"), queries, size), 1 / Math.sqrt(headSize));
  const qHeads = swapRowsAndHeads(reshape(q, ["B", heads, headSize])); // [A, B, D]
  const rows = gatherRows(h, x.grid, x.slots); // [B, S, H]

  const key = parametersOfHeads(p.at("key"), heads, size);
  const absorbed = swapRowsAndHeads(matMul(qHeads, key.weight)); // [B, A, H]
  // The same for all keys of a query: softmax does not see it. With it the bias gets its gradient, rounding alone.
  const ofBias = swapRowsAndHeads(matMul(qHeads, key.bias, { transB: true })); // [B, A, 1]
  const scores = add(add(matMul(absorbed, rows, { transB: true }), ofBias), x.keyBias);
  const probabilities = softmax(scores); // [B, A, S]
  const kept = mask ? mul(probabilities, cast(mask, "float32")) : probabilities;

  const value = parametersOfHeads(p.at("value"), heads, size);
  const mixed = swapRowsAndHeads(matMul(kept, rows)); // [A, B, H]
  const context = add(matMul(mixed, value.weight, { transB: true }), biasOfValues(kept, value.bias, mask));
  const merged = reshape(swapRowsAndHeads(context), ["B", size]);
  return mask ? mul(merged, 1 / (1 - drop)) : merged;
}

/** A head's values have its bias times the sum of its probabilities, 1 where none is dropped: `[A, B or 1, D]`. */
function biasOfValues(kept: Tensor, bias: Tensor, mask: Tensor | undefined): Tensor {
  if (!mask) return bias;
  const sums = swapRowsAndHeads(reduceSum(kept, { axes: [-1], keepDims: true })); // [A, B, 1]
  return mul(sums, bias);
}

/** A dense layer's parameters, by head: the weight `[A, D, H]`, the bias `[A, 1, D]`. */
function parametersOfHeads(p: Parameters, heads: number, size: number) {
  const { weight, bias } = linearParameters(p, size, size);
  const headSize = size / heads;
  return { weight: reshape(weight, [heads, headSize, size]), bias: reshape(bias, [heads, 1, headSize]) };
}

/** `[A, B, N]` to `[B, A, N]`, and back. */
const swapRowsAndHeads = (x: Tensor): Tensor => transpose(x, [1, 0, 2]);
