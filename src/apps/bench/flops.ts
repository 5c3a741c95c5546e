/** The matrix products that a step computes. */
import type { ProductSize, Sizes } from "../../internals.ts";
import type { Program } from "../../node.ts";

/** The `count` different sizes with the most operations, of products of two matrices. */
export function largestProducts(
  { products }: Pick<Program, "products">,
  sizes: Sizes,
  count: number,
): ProductSize[] {
  const plain = products.map((dims) => resolve(dims, sizes)).filter(({ length }) => length === 3);
  const different = new Map(plain.map((dims) => [String(dims), dims as unknown as ProductSize]));
  return [...different.values()].sort((a, b) => product(b) - product(a)).slice(0, count);
}

function resolve(dims: Program["products"][number], sizes: Sizes): number[] {
  return dims.map((dim) => (typeof dim === "number" ? dim : sizes[dim as keyof Sizes]));
}

function product(dims: readonly number[]): number {
  return dims.reduce((a, b) => a * b, 1);
}
