/**
 * OpenVINO's C API as functions that throw (openvino/c/*.h of 2026.4). Objects are opaque pointers; each `create` has
 * its `free`.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
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
import { nativeArray } from "./native-memory.ts";
import type { Pointer } from "./ort-library.ts";

type Argument = Pointer | number | string | object | null;

/** Linux and macOS carry the version in the name: libopenvino_c.so.2641, libopenvino_c.2641.dylib. */
const LIBRARY_NAME = /^(libopenvino_c\.so(\.\d+)*|libopenvino_c(\.\d+)*\.dylib|openvino_c\.dll)$/;

/** Functions that return a status, and their parameters. */
const CALLS = {
  ov_get_openvino_version: ["void *"], // out: two strings
  ov_core_create: ["void *"], // out
  ov_core_get_property: ["void *", "str", "str", "void *"], // core, device, key, out: string
  // core, bytes, length, weights, out
  ov_core_read_model_from_memory_buffer: ["void *", "void *", "size_t", "void *", "void *"],
  // core, model, device, count, properties, out
  ov_core_compile_model_props: ["void *", "void *", "str", "size_t", "void *", "void *"],
  ov_compiled_model_input_by_name: ["void *", "str", "void *"], // compiled model, name, out: port
  ov_compiled_model_output_by_name: ["void *", "str", "void *"],
  ov_compiled_model_create_infer_request: ["void *", "void *"], // compiled model, out
  ov_tensor_create_from_host_ptr: ["int", "ov_shape_t", "void *", "void *"], // type, shape, data, out
  ov_tensor_create: ["int", "ov_shape_t", "void *"], // type, shape, out
  ov_infer_request_get_tensor_by_const_port: ["void *", "void *", "void *"], // request, port, out
  ov_tensor_get_shape: ["void *", "void *"], // tensor, out: shape
  ov_infer_request_set_tensor_by_const_port: ["void *", "void *", "void *"], // request, port, tensor
  ov_infer_request_start_async: ["void *"],
  ov_infer_request_wait: ["void *"],
  ov_infer_request_cancel: ["void *"],
  ov_infer_request_get_profiling_info: ["void *", "void *"], // request, out: list
  ov_shape_free: ["void *"],
} as const satisfies Record<string, readonly string[]>;

/** Functions that free one object. */
const FREES = [
  "ov_version_free",
  "ov_core_free",
  "ov_model_free",
  "ov_compiled_model_free",
  "ov_output_const_port_free",
  "ov_infer_request_free",
  "ov_tensor_free",
  "ov_profiling_info_list_free",
  "ov_free",
] as const;

const NAMES = keysOf(CALLS);
const OFF_THREAD = ["ov_core_compile_model_props", "ov_infer_request_wait"] as const;
type OffThread = (typeof OFF_THREAD)[number];

/** koffi keeps type names for the whole process. */
let declared = false;

type Calls = { readonly [name in keyof typeof CALLS]: (...args: Argument[]) => void };
type Frees = { readonly [name in (typeof FREES)[number]]: (object: Pointer) => void };

export interface OpenVinoApi extends Calls, Frees {
  /** koffi unloads a library when the garbage collector finds its handle. */
  readonly library: LibraryHandle;
  /** Such as `2026.4.1`. */
  readonly version: string;
  readonly async: { readonly [name in OffThread]: OffThreadCall<Argument> };
}

/** Loads the library in `folder`. Throws where it does not load. */
export function loadOpenVinoApi(koffi: Koffi, folder: string): OpenVinoApi {
  const library = koffi.load(findLibrary(folder));
  if (!declared) koffi.struct("ov_shape_t", { rank: "int64_t", dims: "void *" });
  declared = true;
  const native = (name: string, result: string, parameters: readonly string[]) =>
    library.func(name, result, [...parameters]) as unknown as Native;
  const lastError = native("ov_get_last_err_msg", "str", []);
  const failure: Failure = (status) =>
    status === 0 ? undefined : new Error(`OpenVINO: ${explain(lastError() as string | null, status)}`);
  const natives = mapNames(NAMES, (name) => native(name, "int", CALLS[name]));
  const calls: Calls = mapNames(NAMES, (name) => throwing(natives[name], failure));
  const frees = mapNames(FREES, (name) => native(name, "void", ["void *"]));
  return {
    ...calls,
    ...frees,
    library,
    version: readVersion(koffi, calls, frees),
    async: mapNames(OFF_THREAD, (name) => offThread(natives[name], failure)),
  };
}

function findLibrary(folder: string): string {
  const name = readdirSync(folder).find((file) => LIBRARY_NAME.test(file));
  if (name === undefined) throw new Error(`no OpenVINO library in ${folder}`);
  return join(folder, name);
}

function readVersion(koffi: Koffi, calls: Calls, frees: Frees): string {
  const version = nativeArray(koffi, 2);
  calls.ov_get_openvino_version(version.address);
  const text = koffi.decode.string(version.values[0]);
  frees.ov_version_free(version.address);
  // 2026.4.1-22982-0d1c1b7d0e0-releases/2026/4
  return text.split("-")[0];
}

/** The library's text names its own source files and lines first: `Exception from src/…:123:`. */
function explain(message: string | null, status: unknown): string {
  const lines = (message ?? "").split("\n").map((line) => line.trim());
  const told = lines.filter((line) => line !== "" && !/^(Exception from|Check '.*' failed at) /.test(line));
  return told.join(" ") || lines.find((line) => line !== "") || `status ${status}`;
}
