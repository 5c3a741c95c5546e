/**
 * ONNX Runtime through its C API: outputs are written in place, runs leave the JavaScript thread free and can be
 * stopped. The library is the one inside the package onnxruntime-node.
 */
import { availableParallelism } from "node:os";
import { loadKoffi } from "../../util/koffi.ts";
import { type NativeArray, nativeArray } from "./native-memory.ts";
import { OnnxRuntimeSession } from "./onnxruntime-session.ts";
import { loadOrtApi, type OrtApi } from "./ort-api.ts";
import { findOrtLibrary, type Pointer } from "./ort-library.ts";
import { describe, type OrtContext } from "./ort-tensors.ts";
import { type Runtime, refuseBf16, type Session, type SessionOptions } from "./session.ts";

/** OrtLoggingLevel: the library prints nothing that it does not also return as an error. */
const LOG_FATAL = 4;
/** GraphOptimizationLevel, ExecutionMode, OrtAllocatorType and OrtMemType */
const DISABLE_ALL_OPTIMIZATIONS = 0;
const SEQUENTIAL = 0;
const DEVICE_ALLOCATOR = 0;
const ARENA_ALLOCATOR = 1;
const DEFAULT_MEMORY = 0;
/**
 * A block of the arena that is this much larger than a request is split; at the library's own 128 MB a training step
 * needs a tenth more memory. Growth stays by powers of two: by what is asked, it needs twice as much where shapes vary.
 */
const ARENA = { max_dead_bytes_per_chunk: 2 ** 20 };

let context: Promise<OrtContext> | undefined;

/** Loads koffi and the library, once a process. Rejects where one of them has no build for this platform. */
export async function loadOnnxRuntime(): Promise<Runtime> {
  context ??= createContext();
  const loaded = await context;
  return {
    name: "onnxruntime",
    version: loaded.api.version,
    precisions: ["float32"],
    compilesShapes: false,
    takesSharedMemory: true,
    createSession: (model, options) => createSession(loaded, model, options),
  };
}

async function createContext(): Promise<OrtContext> {
  const koffi = await loadKoffi();
  const api = loadOrtApi(koffi, findOrtLibrary());
  const out = nativeArray(koffi, 1);
  api.CreateEnv(LOG_FATAL, "bertwright", out.address);
  const environment = out.values[0];
  shareArena(api, environment, out);
  api.CreateCpuMemoryInfo(DEVICE_ALLOCATOR, DEFAULT_MEMORY, out.address);
  const memoryInfo = out.values[0];
  api.GetAllocatorWithDefaultOptions(out.address);
  return { koffi, api, environment, memoryInfo, allocator: out.values[0], out };
}

/** One arena for all sessions: training and evaluation take turns, and need not hold memory each. */
function shareArena(api: OrtApi, environment: Pointer, out: NativeArray): void {
  api.CreateArenaCfgV2(Object.keys(ARENA), Object.values(ARENA), Object.keys(ARENA).length, out.address);
  const arena = out.values[0];
  api.CreateCpuMemoryInfo(ARENA_ALLOCATOR, DEFAULT_MEMORY, out.address);
  const memoryInfo = out.values[0];
  try {
    api.CreateAndRegisterAllocator(environment, memoryInfo, arena);
  } catch {
    // The environment is the process's: another thread of ours has registered the arena, and this one uses it too.
  } finally {
    api.ReleaseMemoryInfo(memoryInfo);
    api.ReleaseArenaCfg(arena);
  }
}

async function createSession(
  context: OrtContext,
  model: Uint8Array,
  options: SessionOptions = {},
): Promise<Session> {
  const { api } = context;
  refuseBf16(options);
  const sessionOptions = createSessionOptions(context, options);
  try {
    const session = await createNativeSession(context, model, sessionOptions);
    return new OnnxRuntimeSession(
      context,
      session,
      describe(context, session, "Input"),
      describe(context, session, "Output"),
    );
  } finally {
    api.ReleaseSessionOptions(sessionOptions);
  }
}

function createSessionOptions(
  { api, out }: OrtContext,
  { threads = availableParallelism(), profilePrefix }: SessionOptions,
): Pointer {
  api.CreateSessionOptions(out.address);
  const options = out.values[0];
  // The graphs are written in their best form: the optimizer would only undo recomputation and separate transposes.
  api.SetSessionGraphOptimizationLevel(options, DISABLE_ALL_OPTIMIZATIONS);
  api.SetSessionExecutionMode(options, SEQUENTIAL);
  api.SetIntraOpNumThreads(options, threads);
  api.SetInterOpNumThreads(options, 1);
  // Patterns are kept by shape, and every batch has another: they would only add memory.
  api.DisableMemPattern(options);
  api.AddSessionConfigEntry(options, "session.use_env_allocators", "1");
  if (profilePrefix !== undefined) api.EnableProfiling(options, profilePrefix);
  return options;
}

function createNativeSession({ koffi, api, environment }: OrtContext, model: Uint8Array, options: Pointer) {
  // A copy that cannot move or be changed while another thread reads it.
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(1, model.length)));
  bytes.set(model);
  const result = nativeArray(koffi, 1);
  return new Promise<Pointer>((resolve, reject) => {
    const inputs = [environment, koffi.address(bytes), model.length, options, result.address];
    api.async.CreateSessionFromArray(inputs, (error) => {
      if (error) reject(new Error(`${error.message} (model of ${bytes.length} bytes)`));
      else resolve(result.values[0]);
    });
  });
}
