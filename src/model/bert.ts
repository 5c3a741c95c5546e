/**
 * BERT's encoder (Devlin et al. 2019), as transformers' `modeling_bert.py` has it, on packed rows.
 * Letters: B rows, S the longest row, T tokens of the batch, G bins of rows, H hidden size, A heads, D = H / A.
 */
import { Recomputation } from "../engine/autodiff/recomputation.ts";
import type { Tensor } from "../engine/graph/graph.ts";
import { add, mul, tanh } from "../engine/ops/elementwise.ts";
import { gatherRows } from "../engine/ops/gather-rows.ts";
import { gather, reshape, transpose } from "../engine/ops/movement.ts";
import { attention } from "./attention.ts";
import { clsAttention } from "./cls-attention.ts";
import type { BertConfig } from "./config.ts";
import { activation, type Dropout, layerNorm, linear } from "./layers.ts";
import type { PackedInputs } from "./packed-inputs.ts";
import type { Parameters } from "./parameters.ts";

export interface Encoded {
  /** `[T, H]`, or `[B, H]`, the `[CLS]` rows, where only they were asked for. */
  readonly hidden: Tensor;
  /** The sum of the three embeddings `[T, H]`: its cotangent is the gradient of the table rows that it read. */
  readonly embeddingSum: Tensor;
}

export interface EncoderOptions {
  /**
   * What the backward pass computes again in place of reading what the forward pass kept. Attention's probabilities:
   * less memory where rows are long, for a little time. Whole layers, of which their inputs alone are kept: the least
   * memory, for a second forward pass.
   */
  recompute?: "attention" | "layers";
}

/**
 * The encoder, and what its backward pass must be made with. With `output: "cls"` the last layer's queries, and all that
 * follows them, are the `[CLS]` rows alone: exact for heads that read nothing else.
 */
export function bert(
  p: Parameters,
  x: PackedInputs,
  config: BertConfig,
  dropout: Dropout,
  output: "all" | "cls",
  { recompute }: EncoderOptions = {},
): Encoded & { recomputation: Recomputation } {
  const recomputation = new Recomputation(p.graph, x.zero);
  const { embeddingSum, embeddings } = bertEmbeddings(p.at("embeddings"), x, config, dropout);
  let hidden = embeddings; // [T, H]
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const isLast = i === config.num_hidden_layers - 1;
    const again = <T>(part: "attention" | "layers", build: () => T) =>
      part === recompute ? recomputation.region(build) : build();
    const rows = output === "cls" && isLast ? "cls" : "all";
    const layer: Layer = { x, config, dropout, rows, name: `layer.${i}`, again };
    const build = () => bertLayer(p.at("encoder").at(layer.name), hidden, layer);
    // The backward pass begins with the last layer and finds its values as they are.
    hidden = isLast ? build() : again("layers", build);
  }
  return { hidden, embeddingSum, recomputation };
}

/** The hidden state of `[CLS]` through a dense layer and tanh: `cls [B, H]` to `[B, H]`. */
export function pooler(p: Parameters, cls: Tensor, config: BertConfig): Tensor {
  return tanh(linear(p.at("dense"), cls, config.hidden_size));
}

function bertEmbeddings(p: Parameters, x: PackedInputs, config: BertConfig, dropout: Dropout) {
  const size = config.hidden_size;
  const words = p.table("word_embeddings.weight", config.vocab_size, size);
  const positions = p.table("position_embeddings.weight", config.max_position_embeddings, size);
  const types = p.table("token_type_embeddings.weight", config.type_vocab_size, size);
  const embeddingSum = add(
    add(gather(words, x.inputIds), gather(types, x.tokenTypeIds)),
    gather(positions, x.positionIds),
  ); // [T, H]
  const normal = layerNorm(p.at("LayerNorm"), embeddingSum, config);
  return { embeddingSum, embeddings: dropout.apply("embeddings", normal, config.hidden_dropout_prob) };
}

/** What a layer is built with beside its parameters and rows. */
interface Layer {
  readonly x: PackedInputs;
  readonly config: BertConfig;
  readonly dropout: Dropout;
  readonly rows: "all" | "cls";
  readonly name: string;
  /** Builds a part of the layer, in a region of its own where this part is to be computed again. */
  readonly again: <T>(part: "attention" | "layers", build: () => T) => T;
}

function bertLayer(p: Parameters, h: Tensor, layer: Layer): Tensor {
  const { x, config, dropout, rows, name } = layer;
  // A row that is not read again after this layer is one that [CLS] attends to, and no more.
  const queries = rows === "cls" ? gatherRows(h, x.clsRows, x.clsInverse) : h; // [T or B, H]
  const self = p.at("attention.self");
  const context = rows === "cls" ? clsAttention(self, queries, h, layer) : selfAttention(self, h, layer);
  const hiddenDropout = (part: string, value: Tensor) =>
    dropout.apply(`${name}.${part}`, value, config.hidden_dropout_prob);

  const output = p.at("attention.output");
  const projected = hiddenDropout("attention", linear(output.at("dense"), context, config.hidden_size));
  const attended = layerNorm(output.at("LayerNorm"), add(projected, queries), config);

  const inner = linear(p.at("intermediate.dense"), attended, config.intermediate_size); // [T or B, intermediate]
  const outer = linear(p.at("output.dense"), activation(inner, config.hidden_act), config.hidden_size);
  return layerNorm(p.at("output.LayerNorm"), add(hiddenDropout("output", outer), attended), config);
}

/** `h [T, H]` attending to the tokens of their own row of the batch: `[T, H]`. */
function selfAttention(p: Parameters, h: Tensor, { x, config, dropout, name, again }: Layer): Tensor {
  const { hidden_size: size, num_attention_heads: heads } = config;
  const headSize = size / heads;
  const toLines = (packed: Tensor) => {
    const grid = gatherRows(packed, x.bins, x.places);
    return transpose(reshape(grid, ["G", "S", heads, headSize]), [0, 2, 1, 3]); // [G, A, S, D]
  };
  const probability = config.attention_probs_dropout_prob;
  const mask = dropout.mask(`${name}.probabilities`, ["G", heads, "S", "S"], probability);
  const q = toLines(mul(linear(p.at("query"), h, size), 1 / Math.sqrt(headSize)));
  const k = toLines(linear(p.at("key"), h, size));
  const values = linear(p.at("value"), h, size);
  const v = toLines(mask ? mul(values, 1 / (1 - probability)) : values);
  const context = again("attention", () => attention(q, k, v, x.binBias, mask));
  const merged = reshape(transpose(context, [0, 2, 1, 3]), ["G", "S", size]);
  return gatherRows(merged, x.places, x.zeroPaddedBins); // [T, H]
}
