/**
 * What a runtime takes beside the arena, from what the values of a session's graph need: measured, since no runtime
 * tells (docs/performance.md has planned and measured sizes side by side).
 */
import type { LoadedRuntime } from "../engine/runtime/runtimes.ts";

export type PlannedRuntime = Pick<LoadedRuntime, "name" | "precision" | "compilesShapes">;

interface Memory {
  /** Bytes of the library, of graphs once they are compiled, and of kernels that are kept for shapes that come again. */
  readonly library: number;
  /** A session's bytes, in those of its values in float32 at the worst moment. */
  readonly perValue: number;
  /** Whether all sessions take from one place, so that the largest counts and not their sum. */
  readonly shared: boolean;
}

/** Its arena rounds up and leaves gaps; all sessions share it. */
const ONNX_RUNTIME: Memory = { library: 0, perValue: 1.05, shared: true };

/**
 * A session keeps a number of blocks. A value goes to the first block that is free, whatever its size, and a block is as
 * large as the largest value that was ever in it: about twice what the values need. In bf16 most are half as large, but
 * the residual stream is not, and each conversion is a value more.
 */
const OPENVINO: Readonly<Record<PlannedRuntime["precision"], Memory>> = {
  float32: { library: 40e6, perValue: 1.85, shared: false },
  bf16: { library: 100e6, perValue: 1.25, shared: false },
};

/** What the runtime takes for sessions of which each makes so many bytes of values. */
export function runtimeBytes({ name, precision }: PlannedRuntime, sessions: readonly number[]): number {
  const { library, perValue, shared } = name === "openvino" ? OPENVINO[precision] : ONNX_RUNTIME;
  const values = shared ? Math.max(...sessions) : sessions.reduce((sum, bytes) => sum + bytes, 0);
  return library + perValue * values;
}
