/** How much memory a run will take, so that one that cannot fit is refused before it begins. */
import { formatBytes } from "../files/io-errors.ts";
import { memoryLimit } from "../files/machine.ts";
import type { EncoderOptions } from "../model/bert.ts";
import type { BertConfig } from "../model/config.ts";
import { InputError } from "../util/errors.ts";
import type { Sizes } from "./batch.ts";

/**
 * Bytes of the activations that a training step keeps for its backward pass. Per token and layer: the query, key,
 * value, context, two sums and two normalized rows of H, their gradients while they are worked on, the inner layer
 * before and after its activation and a few temporaries of that size; and the attention probabilities where they are
 * kept.
 */
export function activationBytes(
  config: BertConfig,
  { B, S, T }: Sizes,
  { recompute }: EncoderOptions = {},
): number {
  const { hidden_size: h, intermediate_size: inner, num_attention_heads: heads } = config;
  const perLayer = T * (9 * h + 2 * inner) + (recompute ? 0 : B * heads * S * S);
  const working = T * (6 * h + 5 * inner) + 4 * B * heads * S * S;
  return 4 * (config.num_hidden_layers * perLayer + working);
}

/** Probabilities of all layers, in bytes, from which on computing them again is worth its time. */
const MANY_PROBABILITIES = 512e6;

/** What a step of these sizes computes again in its backward pass where nothing is said. */
export function chooseRecompute(config: BertConfig, { B, S }: Sizes): EncoderOptions["recompute"] {
  const { num_hidden_layers: layers, num_attention_heads: heads } = config;
  return 4 * layers * B * heads * S * S > MANY_PROBABILITIES ? "attention" : undefined;
}

/** Throws `InputError` where `bytes` exceed what the machine has; `advice` is what the user can change. */
export function checkMemory(bytes: number, what: string, advice: string): void {
  const limit = memoryLimit();
  if (bytes <= limit) return;
  throw new InputError(
    `${what} needs about ${formatBytes(bytes)} of memory, this machine has ${formatBytes(limit)}.\n${advice}`,
  );
}
