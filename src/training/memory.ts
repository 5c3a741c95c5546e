/** How much memory a run will take, so that one that cannot fit is refused before it begins. */
import { formatBytes } from "../files/io-errors.ts";
import { memoryLimit } from "../files/machine.ts";
import type { BertConfig } from "../model/config.ts";
import { InputError } from "../util/errors.ts";
import type { Sizes } from "./batch.ts";

/**
 * Bytes of the activations that a training step keeps for its backward pass. Per token and layer: the query, key,
 * value, context, two sums and two normalized rows of H, their gradients while they are worked on, the inner layer
 * before and after its activation and a few temporaries of that size; and twice the attention probabilities.
 */
export function activationBytes(config: BertConfig, { B, S, T }: Sizes): number {
  const { hidden_size: h, intermediate_size: inner, num_attention_heads: heads } = config;
  const perLayer = T * (9 * h + 2 * inner) + 1 * B * heads * S * S;
  const working = T * (6 * h + 5 * inner) + 4 * B * heads * S * S;
  return 4 * (config.num_hidden_layers * perLayer + working);
}

/** Throws `InputError` where `bytes` exceed what the machine has; `advice` is what the user can change. */
export function checkMemory(bytes: number, what: string, advice: string): void {
  const limit = memoryLimit();
  if (bytes <= limit) return;
  throw new InputError(
    `${what} needs about ${formatBytes(bytes)} of memory, this machine has ${formatBytes(limit)}.\n${advice}`,
  );
}
