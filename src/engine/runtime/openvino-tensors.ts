/** OpenVINO's view of our tensors, and what a compiled model declares. */
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type ValueInfoProto } from "onnx-buf";
import type { Koffi } from "../../util/koffi.ts";
import type { Heap } from "./allocator.ts";
import { type NativeArray, nativeArray } from "./native-memory.ts";
import type { OpenVinoApi } from "./openvino-api.ts";
import type { Pointer } from "./ort-library.ts";
import type { ElementType, TensorView } from "./session.ts";
import type { TensorInfo } from "./tensors.ts";

/** What all sessions of the process share. */
export interface OpenVinoContext {
  readonly koffi: Koffi;
  readonly api: OpenVinoApi;
  readonly core: Pointer;
  /** Where a call puts its one result. */
  readonly out: NativeArray;
  /** With glibc. */
  readonly heap?: Heap;
}

/** ov_element_type_e */
const ELEMENT_CODES: Readonly<Record<ElementType, number>> = {
  bfloat16: 2,
  float32: 4,
  int32: 9,
  int64: 10,
  uint8: 16,
};
/** TensorProto.DataType */
const PROTO_TYPES: Readonly<Record<number, ElementType>> = {
  1: "float32",
  2: "uint8",
  6: "int32",
  7: "int64",
  16: "bfloat16",
};

/** A tensor that native code knows, and the buffer that it lies in, which must not be freed before it. */
export interface OpenVinoTensor {
  readonly pointer: Pointer;
  /** Undefined where the memory is the library's. */
  readonly buffer: ArrayBufferLike | undefined;
  readonly dims: readonly number[];
}

/** Makes a tensor on the memory of `view`; `ov_tensor_free` frees the tensor and not the memory. */
export function createTensor({ koffi, api, out }: OpenVinoContext, view: TensorView): OpenVinoTensor {
  const { data, dims, type } = view;
  // Asking for the buffer also moves a small array out of V8's heap, where it would not stay in place.
  const { buffer } = data;
  const shape = shapeOf(koffi, dims);
  // An empty array has no address that the library would take.
  const address = data.length === 0 ? shape.sizes.address : koffi.address(data);
  api.ov_tensor_create_from_host_ptr(ELEMENT_CODES[type], shape.value, address, out.address);
  return { pointer: out.values[0], buffer, dims };
}

/** An output's own memory, for runs that do not ask for it. */
export function createScratch({ koffi, api, out }: OpenVinoContext, info: TensorInfo): OpenVinoTensor {
  const dims = (info.dims ?? []).map((dim) => (typeof dim === "number" ? dim : 0));
  api.ov_tensor_create(ELEMENT_CODES[info.type as ElementType], shapeOf(koffi, dims).value, out.address);
  return { pointer: out.values[0], buffer: undefined, dims };
}

/** The dims that the library has given a tensor of at least one. */
export function readDims({ koffi, api }: OpenVinoContext, tensor: Pointer): number[] {
  const shape = nativeArray(koffi, 2);
  api.ov_tensor_get_shape(tensor, shape.address);
  const [rank, dims] = shape.values;
  const result = Array.from(koffi.decode(dims, "int64_t", Number(rank)) as (number | bigint)[], Number);
  api.ov_shape_free(shape.address);
  return result;
}

function shapeOf(koffi: Koffi, dims: readonly number[]) {
  const sizes = nativeArray(koffi, dims.length);
  dims.forEach((dim, i) => {
    sizes.values[i] = BigInt(dim);
  });
  return { sizes, value: { rank: dims.length, dims: sizes.address } };
}

/** Names, types and dims of an ONNX model's inputs and outputs; throws for bytes that are no model. */
export function describeModel(model: Uint8Array): { inputs: TensorInfo[]; outputs: TensorInfo[] } {
  const { graph } = fromBinary(ModelProtoSchema, model);
  if (!graph) throw new Error(`no ONNX model (${model.length} bytes)`);
  return { inputs: graph.input.map(describeValue), outputs: graph.output.map(describeValue) };
}

function describeValue({ name, type }: ValueInfoProto): TensorInfo {
  if (type?.value.case !== "tensorType") return { name, type: "a type that is no tensor", dims: undefined };
  const { elemType, shape } = type.value.value;
  const dims = shape?.dim.map(({ value }) =>
    value.case === "dimValue" ? Number(value.value) : value.value || "?",
  );
  return { name, type: PROTO_TYPES[elemType] ?? `element type ${elemType}`, dims };
}
