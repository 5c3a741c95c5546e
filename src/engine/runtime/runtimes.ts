/** Chooses a runtime by name. */
import { InputError } from "../../util/errors.ts";
import type { Runtime } from "./session.ts";

export type RuntimeChoice = "auto" | "onnxruntime" | "onnxruntime-binding";

export interface LoadedRuntime extends Runtime {
  /** Why `auto` did not take ONNX Runtime's C API; undefined where it did, or where nothing was left to choose. */
  readonly fallbackReason?: string;
}

/**
 * Loads a runtime: `auto` is ONNX Runtime through its C API, and through the package's own binding where that cannot
 * be loaded. Rejects with `InputError` where the choice cannot be loaded at all.
 */
export async function loadRuntime(choice: RuntimeChoice): Promise<LoadedRuntime> {
  if (choice === "onnxruntime-binding") return loadBinding();
  try {
    const { loadOnnxRuntime } = await import("./onnxruntime.ts");
    return await loadOnnxRuntime();
  } catch (error) {
    if (choice === "onnxruntime") throw unavailable(choice, error);
    return { ...(await loadBinding()), fallbackReason: messageOf(error) };
  }
}

async function loadBinding(): Promise<Runtime> {
  try {
    const { loadOnnxRuntimeBinding } = await import("./onnxruntime-binding.ts");
    return await loadOnnxRuntimeBinding();
  } catch (error) {
    throw unavailable("onnxruntime-binding", error);
  }
}

function unavailable(name: string, cause: unknown): InputError {
  return new InputError(
    `the runtime ${name} cannot be loaded on ${process.platform} ${process.arch}: ${messageOf(cause)}\n` +
      "Reinstall the package, without leaving out optional dependencies.",
    { cause },
  );
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0];
}
