/**
 * Reads files out of a zip archive (PKWARE APPNOTE 6.3), which a Python wheel is: stored and deflated entries, found by
 * the central directory. Own code because Node has the inflater, and because the archive is not trusted: limits count
 * the bytes that came out, not those that were declared.
 */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { InputError } from "../../util/errors.ts";
import { readExactly } from "../read-tensor.ts";

export interface ZipEntry {
  name: string;
  /** Bytes of the content, and of its form in the archive. */
  size: number;
  packedSize: number;
  crc: number;
  deflated: boolean;
  /** Where the entry's local header starts. */
  offset: number;
}

const END = { signature: 0x06054b50, bytes: 22 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
/** The end record closes with a comment of up to 64 KiB, so it starts within so many bytes of the file's end. */
const MAX_COMMENT_BYTES = 0xffff;
/** Wheels have some hundred entries. 65,535 would announce a 64-bit archive, which no wheel under 4 GB is. */
const MAX_ENTRIES = 0xfffe;
const MAX_DIRECTORY_BYTES = 32_000_000;

/** The archive's files by name. Throws `InputError` on damage, on names that lead out of a folder, and on encryption. */
export async function readZipDirectory(path: string): Promise<Map<string, ZipEntry>> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, END.bytes + MAX_COMMENT_BYTES));
    await readExactly(handle, tail, size - tail.length, path);
    const { count, start, bytes } = parseEnd(tail, size, path);
    const directory = await readExactly(handle, Buffer.alloc(bytes), start, path);
    return parseDirectory(directory, count, path);
  } finally {
    await handle.close();
  }
}

/** The content of one entry as it unpacks; throws `InputError` where size or checksum are not those of the directory. */
export async function* readZipEntry(path: string, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  let size = 0;
  let crc = 0;
  for await (const chunk of unpack(path, entry)) {
    size += chunk.length;
    if (size > entry.size) break;
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (size !== entry.size || crc !== entry.crc)
    throw damaged(path, `${entry.name} does not match its checksum`);
}

async function* unpack(path: string, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const start = await contentStart(path, entry);
  if (entry.packedSize === 0) return;
  const packed = createReadStream(path, { start, end: start + entry.packedSize - 1, highWaterMark: 1 << 18 });
  if (!entry.deflated) {
    yield* packed;
    return;
  }
  try {
    // Errors of both streams come out of the iteration.
    yield* pipeline(packed, createInflateRaw({ chunkSize: 1 << 18 }), () => {});
  } catch (error) {
    throw damaged(path, `${entry.name} does not unpack (${error instanceof Error ? error.message : error})`);
  }
}

/** The local header repeats the name, and may have other extra fields than the directory. */
async function contentStart(path: string, { name, offset }: ZipEntry): Promise<number> {
  const handle = await open(path, "r");
  try {
    const header = await readExactly(handle, Buffer.alloc(LOCAL.bytes), offset, path);
    if (header.readUInt32LE(0) !== LOCAL.signature)
      throw damaged(path, `${name} is not where the directory says`);
    return offset + LOCAL.bytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await handle.close();
  }
}

/** `tail` is the end of a file of `size` bytes. */
function parseEnd(tail: Buffer, size: number, path: string): { count: number; start: number; bytes: number } {
  for (let at = tail.length - END.bytes; at >= 0; at--) {
    if (
      tail.readUInt32LE(at) !== END.signature ||
      tail.readUInt16LE(at + 20) !== tail.length - at - END.bytes
    )
      continue;
    const count = tail.readUInt16LE(at + 10);
    const bytes = tail.readUInt32LE(at + 12);
    const start = tail.readUInt32LE(at + 16);
    if (count > MAX_ENTRIES || bytes > MAX_DIRECTORY_BYTES)
      throw damaged(path, "its directory is over the limit");
    if (start + bytes > size) break;
    return { count, start, bytes };
  }
  throw damaged(path, "not a zip archive, or cut off");
}

function parseDirectory(directory: Buffer, count: number, path: string): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const nameEnd =
      at + CENTRAL.bytes <= directory.length ? at + CENTRAL.bytes + directory.readUInt16LE(at + 28) : at;
    if (nameEnd === at || nameEnd > directory.length || directory.readUInt32LE(at) !== CENTRAL.signature) {
      throw damaged(path, "its directory is cut off");
    }
    const name = directory.toString("utf8", at + CENTRAL.bytes, nameEnd);
    checkName(name, path);
    if (entries.has(name)) throw damaged(path, `${name} comes twice`);
    if (!name.endsWith("/")) entries.set(name, parseEntry(directory, at, name, path));
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

function parseEntry(directory: Buffer, at: number, name: string, path: string): ZipEntry {
  const encrypted = (directory.readUInt16LE(at + 8) & 1) !== 0;
  const method = directory.readUInt16LE(at + 10);
  if (encrypted || (method !== 0 && method !== 8))
    throw damaged(path, `${name} is encrypted or of an unknown method`);
  return {
    name,
    crc: directory.readUInt32LE(at + 16),
    packedSize: directory.readUInt32LE(at + 20),
    size: directory.readUInt32LE(at + 24),
    offset: directory.readUInt32LE(at + 42),
    deflated: method === 8,
  };
}

/** Refuses names that would be written outside the folder that the archive is unpacked to. */
function checkName(name: string, path: string): void {
  const parts = name.split("/");
  const hostile = /[\\:\0]/.test(name) || name.startsWith("/") || parts.includes("..") || parts.includes(".");
  if (hostile || name === "")
    throw damaged(path, `it holds the unsafe name ${JSON.stringify(name).slice(0, 80)}`);
}

function damaged(path: string, what: string): InputError {
  return new InputError(`${path}: ${what}.\nGet the archive again.`);
}
