/**
 * Whether matrix products in bf16 are worth it on this processor. The instructions alone do not tell: with tiles (Intel's
 * AMX) or AMD's vectors bf16 is faster than float32, with Intel's vectors where a virtual machine hides the tiles it takes
 * twice as long.
 */
import type { LoadedRuntime } from "../engine/runtime/runtimes.ts";
import { allOrNone } from "../util/all-or-none.ts";
import { createPlainProduct, type ProductSize } from "./plain-product.ts";

/** Large enough for its products to outweigh its conversions, small enough for some milliseconds. */
const SIZE: ProductSize = [768, 768, 768];

/** A smaller difference decides nothing: a busy minute may make one. */
const CLEAR = 1.1;

export type Bf16Speed = typeof measureBf16Speed;

/** Faster by more than its roundings are worth. A speed that is not known is no reason. */
export function isBf16Faster(speed = 0): boolean {
  return speed >= CLEAR;
}

export function isBf16Slower(speed = 1): boolean {
  return speed < 1 / CLEAR;
}

/**
 * How many times as fast as in float32 a product is in bf16: the same runtime's two precisions, in turns; undefined where
 * they cannot be measured.
 */
export async function measureBf16Speed(
  runtimes: Readonly<Record<"bf16" | "float32", LoadedRuntime>>,
  threads?: number,
): Promise<number | undefined> {
  try {
    const products = await allOrNone([
      createPlainProduct(runtimes.bf16, [SIZE], threads),
      createPlainProduct(runtimes.float32, [SIZE], threads),
    ] as const);
    const best = [0, 0];
    try {
      for (let turn = 0; turn < 2; turn++) {
        for (const [i, product] of products.entries()) best[i] = Math.max(best[i], await product.measure());
      }
    } finally {
      for (const product of products) product.dispose();
    }
    return best[0] / best[1];
  } catch {
    return undefined;
  }
}
