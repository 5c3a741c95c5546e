/**
 * ONNX Runtime's C API as functions that throw. The library exports one symbol; the rest is a table of function
 * pointers whose order is append-only, so an index never changes (onnxruntime_c_api.h, `struct OrtApi`).
 */
import type { LibraryHandle } from "koffi";
import type { Koffi } from "../../util/koffi.ts";
import {
  type Failure,
  keysOf,
  mapNames,
  type Native,
  type OffThreadCall,
  offThread,
  throwing,
} from "./native-calls.ts";
import type { Pointer } from "./ort-library.ts";

type Argument = Pointer | number | string | readonly string[] | readonly number[];

/** The oldest version of the table that has every function below. */
const API_VERSION = 16;

/** Functions that return a status: index in the table, parameters. */
const CALLS = {
  CreateEnv: [3, "int", "str", "void *"], // log level, id, out
  CreateSessionFromArray: [8, "void *", "void *", "size_t", "void *", "void *"], // env, model, bytes, options, out
  // session, run options, input names, inputs, count, output names, count, outputs
  Run: [9, "void *", "void *", "void *", "void *", "size_t", "void *", "size_t", "void *"],
  CreateSessionOptions: [10, "void *"], // out
  SetSessionExecutionMode: [13, "void *", "int"],
  EnableProfiling: [14, "void *", process.platform === "win32" ? "str16" : "str"],
  DisableMemPattern: [17, "void *"],
  SetSessionGraphOptimizationLevel: [23, "void *", "int"],
  SetIntraOpNumThreads: [24, "void *", "int"],
  SetInterOpNumThreads: [25, "void *", "int"],
  SessionGetInputCount: [30, "void *", "void *"], // session, out
  SessionGetOutputCount: [31, "void *", "void *"],
  SessionGetInputTypeInfo: [33, "void *", "size_t", "void *"], // session, index, out
  SessionGetOutputTypeInfo: [34, "void *", "size_t", "void *"],
  SessionGetInputName: [36, "void *", "size_t", "void *", "void *"], // session, index, allocator, out
  SessionGetOutputName: [37, "void *", "size_t", "void *", "void *"],
  CreateRunOptions: [39, "void *"], // out
  RunOptionsSetTerminate: [46, "void *"],
  RunOptionsUnsetTerminate: [47, "void *"],
  // memory info, data, bytes, dims, rank, element type, out
  CreateTensorWithDataAsOrtValue: [49, "void *", "void *", "size_t", "void *", "size_t", "int", "void *"],
  CastTypeInfoToTensorInfo: [55, "void *", "void *"], // type info, out
  GetTensorElementType: [60, "void *", "void *"], // tensor info, out
  GetDimensionsCount: [61, "void *", "void *"],
  GetDimensions: [62, "void *", "void *", "size_t"], // tensor info, dims, rank
  GetSymbolicDimensions: [63, "void *", "void *", "size_t"],
  CreateCpuMemoryInfo: [69, "int", "int", "void *"], // allocator type, memory type, out
  AllocatorFree: [76, "void *", "void *"],
  GetAllocatorWithDefaultOptions: [78, "void *"], // out
  AddSessionConfigEntry: [130, "void *", "str", "str"], // options, key, value
  CreateAndRegisterAllocator: [144, "void *", "void *", "void *"], // env, memory info, arena config
  CreateArenaCfgV2: [164, "const char **", "const size_t *", "size_t", "void *"], // keys, values, count, out
} as const satisfies Record<string, readonly [number, ...string[]]>;

/** Functions that free one object: index in the table. */
const RELEASES = {
  ReleaseStatus: 93,
  ReleaseMemoryInfo: 94,
  ReleaseSession: 95,
  ReleaseValue: 96,
  ReleaseRunOptions: 97,
  ReleaseTypeInfo: 98,
  ReleaseSessionOptions: 100,
  ReleaseArenaCfg: 157,
} as const satisfies Record<string, number>;
const TABLE_LENGTH = 165;
const GET_ERROR_MESSAGE = 2;

type Calls = { readonly [name in keyof typeof CALLS]: (...args: Argument[]) => void };
type Releases = { readonly [name in keyof typeof RELEASES]: (object: Pointer) => void };
const OFF_THREAD = ["CreateSessionFromArray", "Run"] as const;
type OffThread = (typeof OFF_THREAD)[number];

export interface OrtApi extends Calls, Releases {
  readonly version: string;
  /** koffi unloads a library when the garbage collector finds its handle, and functions by pointer do not hold one. */
  readonly library: LibraryHandle;
  readonly async: { readonly [name in OffThread]: OffThreadCall<Argument> };
}

/** Loads the library at `path`. Throws where it does not load or is older than the functions above. */
export function loadOrtApi(koffi: Koffi, path: string): OrtApi {
  const library = koffi.load(path);
  const base = library.func("OrtGetApiBase", "void *", [])();
  const [getApi, getVersionString] = koffi.decode(base, "void *", 2) as Pointer[];
  const version = native(koffi, getVersionString, "str", [])() as string;
  const api = native(koffi, getApi, "void *", ["uint32"])(API_VERSION);
  if (!api) throw new Error(`ONNX Runtime ${version} lacks version ${API_VERSION} of its C API`);
  const table = koffi.decode(api, "void *", TABLE_LENGTH) as Pointer[];
  const getErrorMessage = native(koffi, table[GET_ERROR_MESSAGE], "str", ["void *"]);
  const release: Releases = mapNames(keysOf(RELEASES), (name) =>
    native(koffi, table[RELEASES[name]], "void", ["void *"]),
  );

  const failure: Failure = (status) => {
    if (!status) return undefined;
    const message = getErrorMessage(status) as string;
    release.ReleaseStatus(status as Pointer);
    return new Error(`ONNX Runtime: ${message}`);
  };
  const natives = mapNames(keysOf(CALLS), (name) => {
    const [index, ...parameters] = CALLS[name];
    return native(koffi, table[index], "void *", parameters);
  });
  const calls: Calls = mapNames(keysOf(CALLS), (name) => throwing(natives[name], failure));
  return {
    ...calls,
    ...release,
    version,
    library,
    async: mapNames(OFF_THREAD, (name) => offThread(natives[name], failure)),
  };
}

function native(koffi: Koffi, pointer: Pointer, result: string, parameters: readonly string[]): Native {
  return koffi.decode(pointer, koffi.proto(result, [...parameters])) as Native;
}
