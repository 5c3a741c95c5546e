/** A new file, written as its content comes and flushed, and hashed on the way where that is asked for. */
import { currentDisk, type DiskFile } from "./disk.ts";

/** What a file is to hold. An iterable is written as it comes, so it need not be in memory at once. */
export type Content = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** So many bytes are hashed while the ones before them are on their way to the disk. */
const STRETCH_BYTES = 8 * 2 ** 20;

/** Takes the bytes in order, as the hashes of node:crypto do. */
export interface ByteSink {
  update(bytes: Uint8Array): unknown;
}

/** Returns when all is on the disk, whatever happens to the power; `hash` has seen it then. Leaves errors as they are. */
export async function writeNewFile(path: string, content: Content, hash?: ByteSink): Promise<void> {
  const file = await currentDisk().create(path);
  try {
    for await (const part of partsOf(content)) {
      for (let start = 0; start < part.length; start += STRETCH_BYTES) {
        const stretch = part.subarray(start, start + STRETCH_BYTES);
        const written = writeAll(file, stretch);
        hash?.update(stretch);
        await written;
      }
    }
    await file.sync();
  } catch (error) {
    await file.close().catch(() => {}); // the first error is the one to tell
    throw error;
  }
  await file.close();
}

/** Bytes of the content, where that is known before it is written. */
export function sizeOf(content: Content): number | undefined {
  if (typeof content === "string") return Buffer.byteLength(content);
  return content instanceof Uint8Array ? content.byteLength : undefined;
}

function partsOf(content: Content): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof content === "string") return [new TextEncoder().encode(content)];
  return content instanceof Uint8Array ? [content] : content;
}

/** In as many calls as it takes. */
async function writeAll(file: DiskFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const count = await file.write(bytes.subarray(done));
    if (count === 0) throw Object.assign(new Error("EIO: the disk took no bytes, write"), { code: "EIO" });
    done += count;
  }
}
