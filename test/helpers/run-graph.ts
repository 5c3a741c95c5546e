/** Runs a graph's outputs on ONNX Runtime, with plain arrays in and out. */
import { type Dims, resolveDims } from "../../src/engine/graph/dims.ts";
import type { DType, Graph, Tensor } from "../../src/engine/graph/graph.ts";
import { emitModel } from "../../src/engine/onnx/emit.ts";
import { type Lowering, onnxRuntimeLowering } from "../../src/engine/onnx/lowering.ts";
import { loadRuntime } from "../../src/engine/runtime/runtimes.ts";
import type { ElementType, TensorView } from "../../src/engine/runtime/session.ts";

/** Values of the symbolic dims. */
export type Sizes = Readonly<Record<string, number>>;
export type Feeds = Readonly<Record<string, ArrayLike<number>>>;

/** A graph's outputs as a function of its inputs; call `dispose` at the end. */
export interface Runner {
  run(feeds: Feeds): Promise<Record<string, Float32Array>>;
  dispose(): void;
}

export async function createRunner(
  graph: Graph,
  outputs: Readonly<Record<string, Tensor>>,
  sizes: Sizes = {},
  lowering: Lowering = onnxRuntimeLowering,
): Promise<Runner> {
  const runtime = await loadRuntime("auto");
  const session = await runtime.createSession(emitModel(graph, outputs, lowering), { threads: 1 });
  const inputs = graph.inputs.filter(({ name }) => session.inputNames.includes(name));
  return {
    async run(feeds) {
      const missing = inputs.find(({ name }) => feeds[name] === undefined);
      if (missing) throw new Error(`no values for ${missing.name}`);
      const views = inputs.map(({ name, dtype, dims }) => [name, view(dtype, dims, sizes, feeds[name])]);
      const results = Object.entries(outputs).map(([name, { dims }]) => [name, view("float32", dims, sizes)]);
      const fetches: Record<string, TensorView> = Object.fromEntries(results);
      await session.run(Object.fromEntries(views), fetches);
      return Object.fromEntries(
        Object.entries(fetches).map(([name, { data }]) => [name, data as Float32Array]),
      );
    },
    dispose: () => session.dispose(),
  };
}

/** One run of a graph. */
export async function runGraph(
  graph: Graph,
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Feeds,
  sizes: Sizes = {},
  lowering: Lowering = onnxRuntimeLowering,
): Promise<Record<string, Float32Array>> {
  const runner = await createRunner(graph, outputs, sizes, lowering);
  try {
    return await runner.run(feeds);
  } finally {
    runner.dispose();
  }
}

/** Elements of a tensor. */
export function sizeOf(dims: Dims, sizes: Sizes): number {
  return resolveDims(dims, sizes).reduce((a, b) => a * b, 1);
}

function view(dtype: DType, symbolic: Dims, sizes: Sizes, values?: ArrayLike<number>): TensorView {
  const dims = resolveDims(symbolic, sizes);
  const length = sizeOf(dims, sizes);
  if (values && values.length !== length) throw new Error(`expected ${length} values, got ${values.length}`);
  const given = Array.from(values ?? new Float32Array(length));
  const type = dtype as ElementType;
  if (type === "int64") return { type, dims, data: BigInt64Array.from(given, BigInt) };
  if (type === "uint8") return { type, dims, data: Uint8Array.from(given) };
  return { type: "float32", dims, data: Float32Array.from(given) };
}
