/** Dimensions: numbers, or symbols such as `T` that a batch fixes. Products and sums of symbols are text. */

export type Dim = number | string;
export type Dims = readonly Dim[];

/** The number of values as canonical text, such as `12*B*S`: equal where two shapes hold equally many. */
export function volume(dims: Dims): string {
  const symbols = dims.flatMap((dim) => (typeof dim === "string" ? dim.split("*") : [])).sort();
  const numbers = dims.reduce<number>(
    (product, dim) => (typeof dim === "number" ? product * dim : product),
    1,
  );
  return [numbers, ...symbols].join("*");
}

/** `a + b`; symbols add to text such as `T+1`. */
export function addDims(a: Dim, b: Dim): Dim {
  return typeof a === "number" && typeof b === "number" ? a + b : `${a}+${b}`;
}

export function sameDims(a: Dims, b: Dims): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** NumPy broadcasting: aligned from the right, a 1 stretches. Throws `TypeError` where two dims differ. */
export function broadcastDims(where: string, a: Dims, b: Dims): Dims {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new TypeError(`${where}: cannot broadcast [${a.join(", ")}] with [${b.join(", ")}]`);
    }
    return x === 1 ? y : x;
  });
}

/** The concrete dims of a batch. Throws where a symbol has no value. */
export function resolveDims(dims: Dims, sizes: Readonly<Record<string, number>>): number[] {
  return dims.map((dim) => (typeof dim === "number" ? dim : evaluate(dim, sizes)));
}

/** A sum of products such as `12*B*S+1`. */
function evaluate(text: string, sizes: Readonly<Record<string, number>>): number {
  const value = (factor: string): number => {
    const size = Object.hasOwn(sizes, factor) ? sizes[factor] : Number(factor);
    if (Number.isNaN(size)) throw new Error(`internal: dimension ${factor} has no size`);
    return size;
  };
  const product = (term: string) => term.split("*").reduce((total, factor) => total * value(factor), 1);
  return text.split("+").reduce((sum, term) => sum + product(term), 0);
}

/** Axis counted from 0; negative axes count from the end. */
export function normalizeAxis(where: string, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal >= rank)
    throw new RangeError(`${where}: axis ${axis} outside a tensor of rank ${rank}`);
  return normal;
}
