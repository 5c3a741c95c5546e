/** ONNX Runtime's view of our tensors, and of those that a model declares. */

import type { Koffi } from "../../util/koffi.ts";
import { type NativeArray, nativeArray } from "./native-memory.ts";
import type { OrtApi } from "./ort-api.ts";
import type { Pointer } from "./ort-library.ts";
import type { ElementType, TensorView } from "./session.ts";
import type { TensorInfo } from "./tensors.ts";

/** What all sessions of the process share. */
export interface OrtContext {
  readonly koffi: Koffi;
  readonly api: OrtApi;
  readonly environment: Pointer;
  /** Says that our tensors lie in ordinary memory. */
  readonly memoryInfo: Pointer;
  /** Frees the names that the library hands out. */
  readonly allocator: Pointer;
  /** Where a call puts its one result. */
  readonly out: NativeArray;
}

/** ONNXTensorElementDataType */
const ELEMENT_CODES: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bfloat16: 16,
};

/** A tensor that native code knows, and the buffer that it lies in, which must not be freed before it. */
export interface NativeTensor {
  readonly value: Pointer;
  readonly buffer: ArrayBufferLike;
}

/** Makes a tensor on the memory of `view`; `ReleaseValue` frees the tensor and not the memory. */
export function createTensor({ koffi, api, memoryInfo, out }: OrtContext, view: TensorView): NativeTensor {
  const { data, dims, type } = view;
  // Asking for the buffer also moves a small array out of V8's heap, where it would not stay in place.
  const { buffer } = data;
  const shape = nativeArray(koffi, dims.length);
  dims.forEach((dim, i) => {
    shape.values[i] = BigInt(dim);
  });
  api.CreateTensorWithDataAsOrtValue(
    memoryInfo,
    koffi.address(data),
    data.byteLength,
    shape.address,
    dims.length,
    ELEMENT_CODES[type],
    out.address,
  );
  return { value: out.values[0], buffer };
}

/** Names, types and dims of a session's inputs or outputs. */
export function describe(context: OrtContext, session: Pointer, side: "Input" | "Output"): TensorInfo[] {
  const { api, out } = context;
  api[`SessionGet${side}Count`](session, out.address);
  return Array.from({ length: Number(out.values[0]) }, (_, i) => {
    const name = readName(context, session, side, i);
    api[`SessionGet${side}TypeInfo`](session, i, out.address);
    const typeInfo = out.values[0];
    try {
      return { name, ...describeTensor(context, typeInfo) };
    } finally {
      api.ReleaseTypeInfo(typeInfo);
    }
  });
}

function readName(
  { koffi, api, allocator, out }: OrtContext,
  session: Pointer,
  side: "Input" | "Output",
  i: number,
) {
  api[`SessionGet${side}Name`](session, i, allocator, out.address);
  const pointer = out.values[0];
  const name = koffi.decode.string(pointer);
  api.AllocatorFree(allocator, pointer);
  return name;
}

function describeTensor(context: OrtContext, typeInfo: Pointer): Omit<TensorInfo, "name"> {
  const { koffi, api, out } = context;
  api.CastTypeInfoToTensorInfo(typeInfo, out.address);
  const tensorInfo = out.values[0];
  if (tensorInfo === 0n) return { type: "a type that is no tensor", dims: undefined };
  api.GetTensorElementType(tensorInfo, out.address);
  const code = Number(out.values[0] & 0xffffffffn);
  const type =
    Object.entries(ELEMENT_CODES).find(([, known]) => known === code)?.[0] ?? `element type ${code}`;
  api.GetDimensionsCount(tensorInfo, out.address);
  const rank = Number(out.values[0]);
  const sizes = nativeArray(koffi, rank);
  const symbols = nativeArray(koffi, rank);
  api.GetDimensions(tensorInfo, sizes.address, rank);
  api.GetSymbolicDimensions(tensorInfo, symbols.address, rank);
  const dims = Array.from(sizes.values.subarray(0, rank), (size, i) => {
    const dim = Number(BigInt.asIntN(64, size));
    return dim >= 0 ? dim : koffi.decode.string(symbols.values[i]) || "?";
  });
  return { type, dims };
}
