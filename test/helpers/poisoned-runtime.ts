/** A runtime whose sessions compute as they do, and then write what a test wants into their outputs. */
import { loadRuntime } from "../../src/engine/runtime/runtimes.ts";
import type { Runtime, TensorView } from "../../src/engine/runtime/session.ts";

/** `poison` gets every bound and fetched tensor by name, and how many runs were before. */
export async function poisonedRuntime(
  poison: (tensors: ReadonlyMap<string, TensorView>, run: number) => void,
): Promise<Runtime> {
  const runtime = await loadRuntime("onnxruntime");
  const createSession: Runtime["createSession"] = async (model, options) => {
    const session = await runtime.createSession(model, options);
    const bound = new Map<string, TensorView>();
    let runs = 0;
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      bind: (tensors) => {
        session.bind(tensors);
        for (const [name, tensor] of Object.entries(tensors)) bound.set(name, tensor);
      },
      run: async (feeds, fetches, runOptions) => {
        await session.run(feeds, fetches, runOptions);
        poison(new Map([...bound, ...Object.entries(fetches)]), runs++);
      },
      dispose: () => session.dispose(),
    };
  };
  return { ...runtime, createSession };
}
