/**
 * The safetensors format (github.com/huggingface/safetensors): 8 bytes with the header's length, little-endian; a JSON
 * header; the tensors' bytes, one after another in C order. Refuses what the reference reader (`safetensors/src/tensor.rs`)
 * refuses, and some things more that no writer makes, each named below.
 */
import { InputError } from "../util/errors.ts";
import { JsonCursor } from "./json-cursor.ts";

/** Bits an element of each type that the format knows. */
const BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

export type SafetensorsType = keyof typeof BITS;

export interface TensorInfo {
  dtype: SafetensorsType;
  shape: number[];
  /** First byte, from the start of the data section. */
  begin: number;
  /** Byte after the last one. */
  end: number;
}

export interface SafetensorsHeader {
  tensors: Map<string, TensorInfo>;
  metadata: Record<string, string>;
  /** Offset in the file of the data section. */
  dataStart: number;
}

/** The header's length stands before it in so many bytes. */
export const LENGTH_BYTES = 8;
/** The reference reader's own limit: a larger length is a damaged file, and would be read into memory whole. */
const MAX_HEADER_BYTES = 100_000_000;
/** The largest models split over files have a few thousand tensors in each; every entry costs objects here. */
const MAX_TENSORS = 20_000;
/** A name is a path of attribute names; 1,000 characters are ten times the longest one seen. */
const MAX_NAME_LENGTH = 1_000;
/** Metadata are a few remarks ("format": "pt"); the reference has no limit but that of the header. */
const MAX_METADATA_ENTRIES = 10_000;

/**
 * Length in bytes of the length field and header together, from the file's first 8 bytes. `name` is for messages.
 * Throws `InputError` where the file is cut off before the header's end or the length is over the limit.
 */
export function headerEnd(start: Uint8Array, fileSize: number, name: string): number {
  if (fileSize < LENGTH_BYTES) throw cutOff(name, LENGTH_BYTES, fileSize);
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw new InputError(
      `${name}: not a safetensors file, or damaged: its header would have ${length} bytes, the limit is ${MAX_HEADER_BYTES}.\nGet it again.`,
    );
  }
  const end = LENGTH_BYTES + Number(length);
  if (end > fileSize) throw cutOff(name, end, fileSize);
  return end;
}

/**
 * Reads the header of a file of `fileSize` bytes. `bytes` starts with the file's first byte and holds the header at
 * least; `name` is for messages. Throws `InputError` unless the tensors fill the file to its last byte, without gap or
 * overlap, each with as many bytes as its type and shape need.
 */
export function parseSafetensorsHeader(bytes: Uint8Array, fileSize: number, name: string): SafetensorsHeader {
  const dataStart = headerEnd(bytes, fileSize, name);
  const tensors = new Map<string, TensorInfo>();
  let metadata: Record<string, string> = {};
  const json = new JsonCursor(
    decodeUtf8(bytes.subarray(LENGTH_BYTES, dataStart), name),
    (problem, offset) => {
      return new InputError(
        `${name}: damaged: ${problem} (character ${offset + 1} of the header).\nGet the file again.`,
      );
    },
  );
  json.object((key) => {
    if (key === "__metadata__") metadata = readMetadata(json);
    else if (key.length > MAX_NAME_LENGTH)
      throw json.error(`a tensor's name is longer than ${MAX_NAME_LENGTH}`);
    else if (tensors.size >= MAX_TENSORS) throw json.error(`more than ${MAX_TENSORS} tensors`);
    else tensors.set(key, readTensor(json, key));
  });
  json.end();
  checkLayout(tensors, dataStart, fileSize, name);
  return { tensors, metadata, dataStart };
}

/** The length field and header of a float32 file that holds `tensors` in this order; padded so that data are aligned. */
export function encodeSafetensorsHeader(
  tensors: readonly { name: string; shape: readonly number[] }[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  // Joined by hand: an object would put names that look like numbers first.
  const entries = Object.keys(metadata).length > 0 ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  let begin = 0;
  for (const { name, shape } of tensors) {
    const end = begin + 4 * elementCount(shape);
    entries.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype: "F32", shape, data_offsets: [begin, end] })}`,
    );
    begin = end;
  }
  const json = new TextEncoder().encode(`{${entries.join(",")}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  bytes.set(json, LENGTH_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  return bytes;
}

/** Elements of a tensor: 1 for the shape [], 0 where a dimension is 0, NaN where a product passes 2^53 on the way. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, size) => (Number.isSafeInteger(count * size) ? count * size : Number.NaN), 1);
}

function readMetadata(json: JsonCursor): Record<string, string> {
  if (json.skipNull()) return {};
  const entries: [string, string][] = [];
  json.object((key) => {
    if (entries.length >= MAX_METADATA_ENTRIES)
      throw json.error(`more than ${MAX_METADATA_ENTRIES} metadata entries`);
    entries.push([key, json.string()]);
  });
  return Object.fromEntries(entries);
}

function readTensor(json: JsonCursor, name: string): TensorInfo {
  let dtype: SafetensorsType | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  json.object((field) => {
    if (field === "dtype") dtype = readType(json, name);
    else if (field === "shape") shape = readIntegers(json);
    else if (field === "data_offsets") offsets = readIntegers(json);
    else json.skip();
  });
  if (dtype === undefined || shape === undefined || offsets?.length !== 2) {
    throw json.error(`tensor "${name}" lacks dtype, shape or two data_offsets`);
  }
  const [begin, end] = offsets;
  const bits = elementCount(shape) * BITS[dtype];
  if (!Number.isSafeInteger(bits) || end - begin !== bits / 8) {
    throw json.error(`tensor "${name}": ${dtype} of shape [${shape}] does not fill its ${end - begin} bytes`);
  }
  return { dtype, shape, begin, end };
}

function readType(json: JsonCursor, name: string): SafetensorsType {
  const dtype = json.string();
  if (!Object.hasOwn(BITS, dtype))
    throw json.error(`tensor "${name}" has the unknown type "${dtype.slice(0, 40)}"`);
  return dtype as SafetensorsType;
}

function readIntegers(json: JsonCursor): number[] {
  const values: number[] = [];
  json.array(() => values.push(json.integer()));
  return values;
}

/** Tensors must follow each other from the data section's first byte to the file's last: nothing hides between them. */
function checkLayout(
  tensors: Map<string, TensorInfo>,
  dataStart: number,
  fileSize: number,
  name: string,
): void {
  const byOffset = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  for (const [tensor, { begin, end }] of byOffset) {
    if (begin !== reached) {
      const what = begin < reached ? "overlaps the one before it" : "leaves a gap before it";
      throw new InputError(`${name}: damaged: tensor "${tensor}" ${what}.\nGet the file again.`);
    }
    reached = end;
  }
  const promised = dataStart + reached;
  if (fileSize < promised) throw cutOff(name, promised, fileSize);
  if (fileSize > promised) {
    throw new InputError(
      `${name}: damaged: the header accounts for ${promised} bytes, the file has ${fileSize}.\nGet the file again.`,
    );
  }
}

function cutOff(name: string, promised: number, found: number): InputError {
  return new InputError(
    `${name}: cut off: the header promises ${promised} bytes, the file has ${found}.\nDownload it again.`,
  );
}

function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError(
      `${name}: not a safetensors file, or damaged: its header is not text.\nGet it again.`,
    );
  }
}
