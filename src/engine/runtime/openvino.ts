/**
 * OpenVINO through its C API: faster than ONNX Runtime on most x64 processors, and matrix products in bf16 where the
 * processor has them. The library is not part of any npm package; the caller says in which folder it lies.
 */
import { availableParallelism } from "node:os";
import { loadKoffi } from "../../util/koffi.ts";
import { openHeap } from "./allocator.ts";
import { nativeArray, nativeStrings } from "./native-memory.ts";
import { loadOpenVinoApi } from "./openvino-api.ts";
import { OpenVinoProfile } from "./openvino-profile.ts";
import { OpenVinoSession } from "./openvino-session.ts";
import { describeModel, type OpenVinoContext } from "./openvino-tensors.ts";
import type { Pointer } from "./ort-library.ts";
import type { Precision, Runtime, Session, SessionOptions } from "./session.ts";

const DEVICE = "CPU";

/** What a compilation under way reads: an address alone keeps nothing alive. */
const held = new Set<object>();

const contexts = new Map<string, Promise<OpenVinoContext>>();

/** Loads koffi and the library in `folder`, once a process. Rejects where one of them cannot be loaded here. */
export async function loadOpenVino(folder: string): Promise<Runtime> {
  const context = contexts.get(folder) ?? createContext(folder);
  contexts.set(folder, context);
  const loaded = await context;
  return {
    name: "openvino",
    version: loaded.api.version,
    precisions: readPrecisions(loaded),
    compilesShapes: true,
    takesSharedMemory: true,
    createSession: (model, options) => createSession(loaded, model, options),
  };
}

async function createContext(folder: string): Promise<OpenVinoContext> {
  const koffi = await loadKoffi();
  const api = loadOpenVinoApi(koffi, folder);
  const heap = process.platform === "linux" ? openHeap(koffi) : undefined;
  const out = nativeArray(koffi, 1);
  api.ov_core_create(out.address);
  return { koffi, api, core: out.values[0], out, heap };
}

/** The device names bf16 only where the processor has its instructions; elsewhere a hint for it would be ignored. */
function readPrecisions({ koffi, api, core, out }: OpenVinoContext): Precision[] {
  api.ov_core_get_property(core, DEVICE, "OPTIMIZATION_CAPABILITIES", out.address);
  const text = out.values[0];
  const capabilities = koffi.decode.string(text).split(/[ ,]+/);
  api.ov_free(text);
  return capabilities.includes("BF16") ? ["float32", "bf16"] : ["float32"];
}

async function createSession(
  context: OpenVinoContext,
  model: Uint8Array,
  options: SessionOptions = {},
): Promise<Session> {
  const { inputs, outputs } = describeModel(model);
  const read = readModel(context, model);
  try {
    const compiled = await compile(context, read, options);
    const { profilePrefix } = options;
    const profile = profilePrefix === undefined ? undefined : new OpenVinoProfile(context, profilePrefix);
    return new OpenVinoSession(context, compiled, inputs, outputs, profile);
  } finally {
    context.api.ov_model_free(read);
  }
}

function readModel({ koffi, api, core, out }: OpenVinoContext, model: Uint8Array): Pointer {
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(1, model.length)));
  bytes.set(model);
  api.ov_core_read_model_from_memory_buffer(core, koffi.address(bytes), model.length, null, out.address);
  return out.values[0];
}

/**
 * Kernels of each kind that are kept for shapes that come again. OpenVINO keeps 5,000, some of which hold memory of their
 * own: hundreds of megabytes after a hundred batches of unlike lengths, which hardly ever come again.
 */
const CACHED_KERNELS = 100;

function compile(
  { koffi, api, core }: OpenVinoContext,
  model: Pointer,
  { threads = availableParallelism(), precision = "float32", profilePrefix }: SessionOptions,
): Promise<Pointer> {
  const properties = {
    NUM_STREAMS: "1",
    INFERENCE_NUM_THREADS: `${threads}`,
    ENABLE_CPU_PINNING: "NO",
    CPU_RUNTIME_CACHE_CAPACITY: `${CACHED_KERNELS}`,
    INFERENCE_PRECISION_HINT: precision === "bf16" ? "bf16" : "f32",
    PERF_COUNT: profilePrefix === undefined ? "NO" : "YES",
  };
  const words = Object.entries(properties).flat();
  const strings = nativeStrings(koffi, [...new Set(words)]);
  const pairs = nativeArray(koffi, words.length);
  words.forEach((word, i) => {
    pairs.values[i] = strings.addresses.get(word)!;
  });
  const result = nativeArray(koffi, 1);
  const args = [core, model, DEVICE, words.length / 2, pairs.address, result.address];
  return new Promise((resolve, reject) => {
    held.add(strings).add(pairs);
    api.async.ov_core_compile_model_props(args, (error) => {
      held.delete(strings);
      held.delete(pairs);
      if (error) reject(error);
      else resolve(result.values[0]);
    });
  });
}
