/** The processor's own matrix speed: nothing but one product of two matrices, through the runtime that trains. */
import { Graph } from "../engine/graph/graph.ts";
import { Arena } from "../engine/kernels/arena.ts";
import { emitModel } from "../engine/onnx/emit.ts";
import { standardLowering } from "../engine/onnx/lowering.ts";
import { matMul } from "../engine/ops/matmul.ts";
import type { Runtime, Session, TensorView } from "../engine/runtime/session.ts";

/** M, K and N of a product of `[M, K]` and `[K, N]`: 2 M K N operations. */
export type ProductSize = readonly [number, number, number];

/** A size at which the fixed costs of a product no longer show. */
export const LARGE_SQUARE: ProductSize = [2048, 2048, 2048];

const REPEATS = 3;

export interface PlainProduct {
  /** 10^9 operations a second of the fastest size; of each size the fastest of some runs counts. */
  measure(): Promise<number>;
  dispose(): void;
}

/**
 * Both matrices are inputs, as the weights of a step are, and lie on 64 bytes as those do: where a runtime reads them in
 * place, others are slower, on processors without AVX-512 by a third.
 */
export async function createPlainProduct(
  runtime: Runtime,
  sizes: readonly ProductSize[],
  threads?: number,
): Promise<PlainProduct> {
  const graph = new Graph();
  const y = matMul(graph.input("a", "float32", ["M", "K"]), graph.input("b", "float32", ["K", "N"]));
  const arena = await Arena.create(sizes.reduce((sum, size) => sum + matrixBytes(size), 0));
  const cases = sizes.map((size) => ({ size, ...matrices(arena, size) }));
  const session = await runtime.createSession(emitModel(graph, { y }, standardLowering), { threads });
  try {
    for (const { feeds, fetches } of cases) await session.run(feeds, fetches);
  } catch (error) {
    session.dispose();
    throw error;
  }
  return {
    measure: async () => {
      const rates: number[] = [];
      for (const one of cases) rates.push(await fastest(session, one));
      return Math.max(...rates);
    },
    dispose: () => session.dispose(),
  };
}

type Case = { size: ProductSize } & ReturnType<typeof matrices>;

function matrices(arena: Arena, [m, k, n]: ProductSize) {
  return {
    feeds: { a: matrix(arena, m, k), b: matrix(arena, k, n) },
    fetches: { y: matrix(arena, m, n) },
  };
}

/** Of the three matrices of a product, the gaps behind them, and the 64 that are the arena's own. */
function matrixBytes([m, k, n]: ProductSize): number {
  return 4 * (m * k + k * n + m * n) + 4 * 64;
}

/** Ordinary numbers: a processor may be faster on zeros. */
function matrix(arena: Arena, rows: number, columns: number): TensorView {
  const data = arena.float32(rows * columns);
  for (let i = 0; i < data.length; i++) data[i] = (((i * 7919) % 1021) - 510) / 510;
  return { type: "float32", dims: [rows, columns], data };
}

async function fastest(session: Session, { size: [m, k, n], feeds, fetches }: Case): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    await session.run(feeds, fetches);
    least = Math.min(least, performance.now() - start);
  }
  return (2 * m * k * n) / least / 1e6;
}
