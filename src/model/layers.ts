/** The layers that BERT is made of. Letters: N rows, I and O features in and out. */
import type { Dims } from "../engine/graph/dims.ts";
import { customVjp, type Graph, type Tensor } from "../engine/graph/graph.ts";
import { add, cast, mul, relu } from "../engine/ops/elementwise.ts";
import { gelu } from "../engine/ops/gelu.ts";
import { matMul } from "../engine/ops/matmul.ts";
import { layerNormalization } from "../engine/ops/normalization.ts";
import type { BertConfig, HiddenAct } from "./config.ts";
import type { Parameters } from "./parameters.ts";

/** y = x W^T + b: `x [N, I]` to `[N, O]`, weight `[O, I]` as checkpoints have it. */
export function linear(p: Parameters, x: Tensor, outFeatures: number): Tensor {
  const { weight, bias } = linearParameters(p, x.dims.at(-1) as number, outFeatures);
  return add(matMul(x, weight, { transB: true }), bias);
}

/** A dense layer's parameters, for one that is not computed as `linear` does. */
export function linearParameters(p: Parameters, inFeatures: number, outFeatures: number) {
  const weight = p.get("weight", [outFeatures, inFeatures], "normal");
  const bias = p.get("bias", [outFeatures], "zeros");
  return { weight, bias };
}

export function layerNorm(p: Parameters, x: Tensor, config: BertConfig): Tensor {
  const size = x.dims.at(-1) as number;
  const weight = p.get("weight", [size], "ones");
  const bias = p.get("bias", [size], "zeros");
  return layerNormalization(x, weight, bias, config.layer_norm_eps);
}

export function activation(x: Tensor, act: HiddenAct): Tensor {
  if (act === "relu") return relu(x);
  return gelu(x, act === "gelu" ? "none" : "tanh");
}

/** A dropout mask that each step feeds: uint8, 1 keeps. */
export interface MaskSpec {
  readonly name: string;
  readonly dims: Dims;
  /** Probability that a value is dropped. */
  readonly probability: number;
}

/** Collects the masks of a training graph; `masks: undefined` builds a graph without dropout. */
export class Dropout {
  readonly specs: MaskSpec[] = [];
  readonly #graph: Graph;
  readonly #training: boolean;

  constructor(graph: Graph, training: boolean) {
    this.#graph = graph;
    this.#training = training;
  }

  /** The mask of a tensor with these dims, or undefined where nothing is dropped. */
  mask(name: string, dims: Dims, probability: number): Tensor | undefined {
    if (!this.#training || probability === 0) return undefined;
    const spec = { name: `mask:${name}`, dims, probability };
    this.specs.push(spec);
    return this.#graph.input(spec.name, "uint8", dims);
  }

  /** Inverted dropout (Srivastava et al. 2014): x m / (1 - p). */
  apply(name: string, x: Tensor, probability: number): Tensor {
    const mask = this.mask(name, x.dims, probability);
    return mask ? masked(x, mask, 1 / (1 - probability)) : x;
  }
}

/**
 * y = x m s;  dx = dy m s: the mask is converted again in the backward pass, which keeps bytes alive, not floats. In this
 * order OpenVINO joins both products to the sums before and after; m s would be a pass of its own.
 */
function masked(x: Tensor, mask: Tensor, scale: number): Tensor {
  const [y] = customVjp(
    "Dropout",
    [x],
    () => [mul(mul(x, cast(mask, "float32")), scale)] as const,
    ([dy]) => [dy ? masked(dy, mask, scale) : null],
  );
  return y;
}
