/** What the contract of sessions works with: tensors in both kinds of memory, and what is held once garbage is gone. */
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { TensorView } from "./session.ts";

setFlagsFromString("--expose-gc");
export const collectGarbage = runInNewContext("gc") as () => void;

/**
 * Resident bytes once garbage is gone. V8 frees the memory of collected buffers on a thread of its own, which comes late
 * where the processor is busy: the least of several looks is what is held.
 */
export async function settledMemory(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 10; look++) {
    collectGarbage();
    await setTimeout(20);
    least = Math.min(least, process.memoryUsage().rss);
  }
  return least;
}

export function f32(
  values: number[] | Float32Array,
  dims = [values.length],
): TensorView & { data: Float32Array } {
  return { type: "float32", dims, data: Float32Array.from(values) };
}

/** A view of a WebAssembly memory, as training uses it. */
export function wasm(
  memory: WebAssembly.Memory,
  offset: number,
  values: number[],
): TensorView & { data: Float32Array } {
  const data = new Float32Array(memory.buffer, offset, values.length);
  data.set(values);
  return { type: "float32", dims: [values.length], data };
}
