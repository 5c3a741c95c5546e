/** Reads a tensor's bytes from an open file into float32 memory, converting other types chunk by chunk. */
import type { FileHandle } from "node:fs/promises";
import { InputError } from "../util/errors.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half-floats.ts";
import type { SafetensorsType } from "./safetensors.ts";

/** What other types than F32 pass through, in bytes. */
const CHUNK_BYTES = 1 << 20;
/** Node reads at most 2^31 - 1 bytes at once. */
const MAX_READ_BYTES = 1 << 30;

interface Conversion {
  bytes: number;
  convert(from: ArrayBuffer, count: number, into: Float32Array): void;
}

const CONVERSIONS: Partial<Record<SafetensorsType, Conversion>> = {
  F16: { bytes: 2, convert: (from, count, into) => float16ToFloat32(new Uint16Array(from, 0, count), into) },
  BF16: {
    bytes: 2,
    convert: (from, count, into) => bfloat16ToFloat32(new Uint16Array(from, 0, count), into),
  },
  F64: { bytes: 8, convert: (from, count, into) => into.set(new Float64Array(from, 0, count)) },
};

/** Whether `readFloat32` takes tensors of this type. */
export function isFloat(dtype: SafetensorsType): boolean {
  return dtype === "F32" || dtype in CONVERSIONS;
}

/** Fills `into` with the elements of type `dtype` from byte `position` on. `path` is for messages. */
export async function readFloat32(
  handle: FileHandle,
  dtype: SafetensorsType,
  into: Float32Array,
  position: number,
  path: string,
): Promise<void> {
  const conversion = CONVERSIONS[dtype];
  if (!conversion) {
    // The format is little-endian, and so is every machine that the runtimes exist for.
    await readExactly(handle, new Uint8Array(into.buffer, into.byteOffset, into.byteLength), position, path);
    return;
  }
  const { bytes, convert } = conversion;
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, into.length * bytes));
  for (let done = 0; done < into.length; done += chunk.length / bytes) {
    const count = Math.min(chunk.length / bytes, into.length - done);
    await readExactly(handle, chunk.subarray(0, count * bytes), position + done * bytes, path);
    convert(chunk.buffer, count, into.subarray(done, done + count));
  }
}

/** Fills `target` from byte `position` on; `InputError` where the file ends before. */
export async function readExactly<T extends Uint8Array>(
  handle: FileHandle,
  target: T,
  position: number,
  path: string,
): Promise<T> {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(target.length - done, MAX_READ_BYTES);
    const { bytesRead } = await handle.read(target, done, length, position + done);
    if (bytesRead === 0)
      throw new InputError(`${path}: cut off at ${position + done} bytes.\nDownload it again.`);
    done += bytesRead;
  }
  return target;
}
