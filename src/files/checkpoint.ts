/**
 * The weights of a model folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names. Tensors
 * are read one at a time, straight into the caller's memory, so that opening a checkpoint costs its headers only.
 */
import { type FileHandle, open, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { InputError } from "../util/errors.ts";
import { type FileToWrite, writeFileAtomic } from "./atomic.ts";
import { ioError } from "./io-errors.ts";
import { readJsonIfExists, TEXT_LIMITS } from "./model-folder.ts";
import { isFloat, readExactly, readFloat32 } from "./read-tensor.ts";
import {
  elementCount,
  encodeSafetensorsHeader,
  headerEnd,
  LENGTH_BYTES,
  parseSafetensorsHeader,
  type SafetensorsHeader,
  type SafetensorsType,
  type TensorInfo,
} from "./safetensors.ts";
import { parseShards, WEIGHTS, WEIGHTS_INDEX } from "./shards.ts";

export interface Checkpoint {
  readonly tensors: ReadonlyMap<
    string,
    { readonly dtype: SafetensorsType; readonly shape: readonly number[] }
  >;
  /** `__metadata__` of the file, or of the first shard. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Fills `into` (exactly the tensor's elements) from an F32, F16, BF16 or F64 tensor; another type is an `InputError`.
   * `into` may be a view of WebAssembly memory: F32 bytes go there without a copy, other types pass through 1 MB.
   */
  readFloat32(name: string, into: Float32Array): Promise<void>;
  /** Its files, each by name and path. */
  readonly files: readonly { readonly name: string; readonly path: string }[];
  close(): Promise<void>;
}

export interface TensorToWrite {
  name: string;
  shape: readonly number[];
  data: Float32Array | StoredNumbers;
}

/** float32 numbers that lie elsewhere than in memory. */
interface StoredNumbers {
  /** How many. */
  readonly length: number;
  /** In stretches, each of which is over when the next one is asked for. */
  bytes(): Iterable<Uint8Array>;
}

/** Formats of weights that we do not read, by file name. */
const OTHER_WEIGHTS = [
  "pytorch_model.bin",
  "pytorch_model.bin.index.json",
  "tf_model.h5",
  "flax_model.msgpack",
];

interface OpenFile {
  path: string;
  handle: FileHandle;
  header: SafetensorsHeader;
}

type Location = TensorInfo & { file: OpenFile };

/** Opens the weights in `folder` and checks their headers. `InputError` where they are missing, cut off or damaged. */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const files: OpenFile[] = [];
  const close = async () => {
    for (const { handle } of files) await handle.close();
  };
  try {
    const shards = (await exists(join(folder, WEIGHTS))) ? undefined : await readShards(folder);
    for (const name of shards ? new Set(shards.values()) : [WEIGHTS])
      files.push(await openFile(join(folder, name)));
    const tensors = shards ? locateInShards(folder, shards, files) : locate(files[0]);
    const read: Checkpoint["readFloat32"] = (name, into) => readTensor(tensors, name, into);
    const named = files.map(({ path }) => ({ name: basename(path), path }));
    return { tensors, metadata: files[0].header.metadata, readFloat32: read, files: named, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens one safetensors file, as `openCheckpoint` does. */
export async function openSafetensors(path: string): Promise<Checkpoint> {
  const file = await openFile(path);
  const tensors = locate(file);
  return {
    tensors,
    metadata: file.header.metadata,
    readFloat32: (name, into) => readTensor(tensors, name, into),
    files: [{ name: basename(path), path }],
    close: () => file.handle.close(),
  };
}

/**
 * Writes float32 tensors as one file, atomically, without a copy of the data, and to the byte as the reference writer
 * does (sorted by name). The default metadata are what transformers asks for.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  const { content, size } = safetensorsFile(path, tensors, metadata);
  await writeFileAtomic(path, content, { size });
}

/** The same as an entry for `writeFilesAtomic`. */
export function safetensorsFile(
  name: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = { format: "pt" },
): FileToWrite {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const [i, tensor] of sorted.entries()) checkTensor(tensor, sorted[i - 1]?.name);
  const header = encodeSafetensorsHeader(sorted, metadata);
  const content = {
    *[Symbol.iterator]() {
      yield header;
      for (const { data } of sorted) yield* bytesOf(data);
    },
  };
  return { name, content, size: sorted.reduce((sum, { data }) => sum + 4 * data.length, header.length) };
}

function bytesOf(data: TensorToWrite["data"]): Iterable<Uint8Array> {
  if (!(data instanceof Float32Array)) return data.bytes();
  return [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

function checkTensor({ name, shape, data }: TensorToWrite, previous: string | undefined): void {
  if (name === previous || name === "__metadata__")
    throw new Error(`internal: tensor name "${name}" cannot be written`);
  if (elementCount(shape) !== data.length) {
    throw new Error(`internal: tensor "${name}" of shape [${shape}] has ${data.length} elements`);
  }
}

async function openFile(path: string): Promise<OpenFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    const { size } = await handle.stat();
    const start = await readExactly(handle, new Uint8Array(Math.min(LENGTH_BYTES, size)), 0, path);
    const bytes = await readExactly(handle, new Uint8Array(headerEnd(start, size, path)), 0, path);
    return { path, handle, header: parseSafetensorsHeader(bytes, size, path) };
  } catch (error) {
    await handle?.close();
    throw ioError(error, path);
  }
}

async function readShards(folder: string): Promise<Map<string, string>> {
  const index = await readJsonIfExists(folder, WEIGHTS_INDEX, TEXT_LIMITS.weightsIndex);
  if (index === undefined) throw await noWeights(folder);
  return parseShards(index, join(folder, WEIGHTS_INDEX));
}

function locate(file: OpenFile): Map<string, Location> {
  return new Map([...file.header.tensors].map(([name, info]) => [name, { ...info, file }]));
}

function locateInShards(
  folder: string,
  shards: ReadonlyMap<string, string>,
  files: readonly OpenFile[],
): Map<string, Location> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const tensors = new Map<string, Location>();
  for (const [name, shard] of shards) {
    const file = byPath.get(join(folder, shard));
    const info = file?.header.tensors.get(name);
    if (!file || !info) {
      const promise = `tensor "${name}" is missing, which ${WEIGHTS_INDEX} promises`;
      throw new InputError(`${join(folder, shard)}: ${promise}.\nDownload both again.`);
    }
    tensors.set(name, { ...info, file });
  }
  return tensors;
}

async function noWeights(folder: string): Promise<InputError> {
  const stats = await stat(folder).catch(() => undefined);
  if (!stats?.isDirectory())
    return new InputError(`${folder}: no such folder.\nCheck the spelling of the model.`);
  for (const other of OTHER_WEIGHTS) {
    if (await exists(join(folder, other))) {
      const path = JSON.stringify(folder);
      return new InputError(
        `${folder}: the weights are in ${other}, and only ${WEIGHTS} is read. Convert once, with Python's transformers:\n` +
          `m = transformers.AutoModel.from_pretrained(${path}); m.save_pretrained(${path})`,
      );
    }
  }
  return new InputError(`${folder}: ${WEIGHTS} is missing.\nA model folder needs it; check the folder.`);
}

async function readTensor(
  tensors: ReadonlyMap<string, Location>,
  name: string,
  into: Float32Array,
): Promise<void> {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`internal: the checkpoint has no tensor "${name}"`);
  const { dtype, shape, begin, file } = tensor;
  if (into.length !== elementCount(shape)) {
    throw new Error(`internal: tensor "${name}" of shape [${shape}] read into ${into.length} elements`);
  }
  if (!isFloat(dtype)) {
    throw new InputError(
      `${file.path}: tensor "${name}" is ${dtype}; F32, F16, BF16 or F64 is needed.\nUse a model that is not quantized.`,
    );
  }
  await readFloat32(file.handle, dtype, into, file.header.dataStart + begin, file.path);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
