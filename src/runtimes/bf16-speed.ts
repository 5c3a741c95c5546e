/**
 * Whether matrix products in bf16 are worth it on this processor. The instructions alone do not tell: with tiles (Intel's
 * AMX) or AMD's vectors bf16 is faster than float32, with Intel's vectors where a virtual machine hides the tiles it takes
 * twice as long.
 */
import type { LoadedRuntime } from "../engine/runtime/runtimes.ts";
import { createPlainProduct, type ProductSize } from "./plain-product.ts";

/** Large enough for its products to outweigh its conversions, small enough for some milliseconds. */
const SIZE: ProductSize = [768, 768, 768];

/** Below this bf16 gains nothing that its roundings would be worth, and a busy minute could decide. */
const WORTH_IT = 1.1;

export function isBf16WorthIt(speed: number): boolean {
  return speed >= WORTH_IT;
}

/** How many times as fast as in float32 a product is in bf16: the same runtime's two precisions, in turns. */
export async function measureBf16Speed(
  runtimes: Readonly<Record<"bf16" | "float32", LoadedRuntime>>,
): Promise<number> {
  const [bf16, float32] = await Promise.all([
    createPlainProduct(runtimes.bf16, [SIZE]),
    createPlainProduct(runtimes.float32, [SIZE]),
  ]);
  try {
    const best = { bf16: 0, float32: 0 };
    for (let turn = 0; turn < 2; turn++) {
      best.bf16 = Math.max(best.bf16, await bf16.measure());
      best.float32 = Math.max(best.float32, await float32.measure());
    }
    return best.bf16 / best.float32;
  } finally {
    bf16.dispose();
    float32.dispose();
  }
}
