/** How much work a batch is: the floating-point operations of the matrix products that a program computes. */
import { resolveDims, volume } from "../engine/graph/dims.ts";
import type { Sizes } from "./batch.ts";
import type { Program } from "./program.ts";

/** Multiplications and additions of all products in a run on a batch of these sizes; nothing else is counted. */
export function productOperations({ products }: Pick<Program, "products">): (sizes: Sizes) => number {
  // Products whose sizes depend on the batch in the same way are one term: a run may have a million batches.
  const terms = new Map<string, number>();
  for (const dims of products) {
    const [factor, ...symbols] = volume(dims).split("*");
    const term = symbols.join("*");
    terms.set(term, (terms.get(term) ?? 0) + 2 * Number(factor));
  }
  return (sizes) => {
    let sum = 0;
    for (const [term, factor] of terms) sum += factor * (term === "" ? 1 : resolveDims([term], sizes)[0]);
    return sum;
  };
}
