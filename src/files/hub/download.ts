/**
 * Downloads one file into the blobs of huggingface_hub's cache: resumed where an earlier try broke off, and checked
 * against its hash before it gets its name, so that whatever stands under a name is right.
 */
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../util/errors.ts";
import { hashFile } from "../hash.ts";
import { ioError } from "../io-errors.ts";
import { isRunning } from "../temporary-files.ts";
import type { RemoteFile } from "./client.ts";
import { bodyChunks, get, type Http, request, Unreachable, within } from "./http.ts";

export interface Progress {
  /** Name of the file. */
  file: string;
  /** Bytes that are there, those of an earlier try included. */
  received: number;
  total?: number;
}

export type OnProgress = (progress: Progress) => void;

/** Connections break now and then; twice in a row without a byte gained is no accident. */
const MAX_FRUITLESS_TRIES = 2;

/** Makes sure that `blobs/HASH` exists and is right. Throws `Unreachable`, `Refused`, or `InputError` on a wrong hash. */
export async function downloadBlob(
  url: string,
  file: RemoteFile,
  blobs: string,
  http: Http,
  onProgress: OnProgress,
): Promise<void> {
  const target = join(blobs, file.hash);
  if ((await sizeOf(target)) === file.size) return;
  await mkdir(blobs, { recursive: true });
  const partial = await claimPartial(blobs, file.hash);
  try {
    let resumed = (await sizeOf(partial)) > 0;
    await fetchRest(url, file, partial, http, onProgress);
    while ((await hashOf(partial, file)) !== file.hash) {
      await rm(partial);
      // What a power cut left of the earlier try may have been wrong: that is not the server's fault.
      if (!resumed) throw wrongContent(file, url);
      resumed = false;
      await fetchRest(url, file, partial, http, onProgress);
    }
    await rename(partial, target);
  } catch (error) {
    throw ioError(error, target, file.size);
  } finally {
    inUse.delete(partial);
  }
}

/** Partial files that this process is writing. */
const inUse = new Set<string>();
let partials = 0;

/**
 * A name for the unfinished file, of this process alone: two that download at once do not touch each other's. What an
 * ended process left of the same content is taken over; a rename gives it to one taker only.
 */
async function claimPartial(blobs: string, hash: string): Promise<string> {
  const own = join(blobs, `${hash}.${process.pid}-${partials++}.incomplete`);
  inUse.add(own);
  for (const entry of await readdir(blobs)) {
    if (!entry.startsWith(`${hash}.`) || !isAbandoned(join(blobs, entry))) continue;
    const taken = await rename(join(blobs, entry), own).then(
      () => true,
      () => false,
    );
    if (taken) break;
  }
  return own;
}

function isAbandoned(path: string): boolean {
  const owner = Number(/\.(\d+)-\d+\.incomplete$/.exec(path)?.[1] ?? Number.NaN);
  if (Number.isNaN(owner)) return false; // Python's, or the blob itself
  return owner === process.pid ? !inUse.has(path) : !isRunning(owner);
}

/** Completes `partial`, with as many requests as it takes while each brings something. */
async function fetchRest(
  url: string,
  file: RemoteFile,
  partial: string,
  http: Http,
  onProgress: OnProgress,
): Promise<void> {
  for (let fruitless = 0; ; ) {
    const size = await sizeOf(partial);
    const start = size <= file.size ? size : 0;
    if (start === file.size && start > 0) return;
    try {
      await fetchFrom(start, url, file, partial, http, onProgress);
      return;
    } catch (error) {
      fruitless = (await sizeOf(partial)) > start ? 0 : fruitless + 1;
      if (!(error instanceof Unreachable) || fruitless >= MAX_FRUITLESS_TRIES) throw error;
    }
  }
}

/** One request for the bytes from `start` on, appended to `partial`. */
async function fetchFrom(
  start: number,
  url: string,
  file: RemoteFile,
  partial: string,
  http: Http,
  onProgress: OnProgress,
): Promise<void> {
  const host = new URL(url).host;
  // Hashes and sizes are of the plain content, so no compression on the way.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (start > 0) headers.range = `bytes=${start}-`;
  await request(http, async (signal) => {
    const response = await within(http.limits.stall, host, signal, get(url, http, signal, headers));
    const chunks = bodyChunks(response, host);
    let received = firstByte(response, start, host);
    const handle = await open(partial, received > 0 ? "a" : "w");
    try {
      for (;;) {
        onProgress({ file: file.name, received, total: file.size });
        const next = await within(http.limits.stall, host, signal, chunks.next());
        if (next.done) break;
        received += next.value.length;
        if (received > file.size) throw wrongContent(file, url);
        await handle.writeFile(next.value);
      }
      if (received < file.size) throw new Unreachable(`${host} broke off`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Where the body starts: servers may answer a request for a part with the whole. */
function firstByte(response: Response, start: number, host: string): number {
  if (response.status !== 206) return 0;
  const range = response.headers.get("content-range") ?? "";
  if (!range.startsWith(`bytes ${start}-`))
    throw new Unreachable(`${host} sent another part than asked for (${range})`);
  return start;
}

function hashOf(path: string, { hashKind, size }: RemoteFile): Promise<string> {
  if (hashKind === "sha256") return hashFile(path);
  // Git's name for a content is the hash of a header and the content.
  return hashFile(path, { algorithm: "sha1", prefix: `blob ${size}\0` });
}

function wrongContent(file: RemoteFile, url: string): InputError {
  return new InputError(
    `${file.name}: ${new URL(url).host} sent something else than the file that the Hub lists (its hash differs).\nTry again; a proxy on the way may change downloads.`,
  );
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
