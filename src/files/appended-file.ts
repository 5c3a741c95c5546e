/** A log on the disk: text goes to its end as it comes, and an earlier end can be gone back to. */
import { closeSync, createReadStream, fdatasyncSync, openSync, writeSync } from "node:fs";
import { truncate } from "node:fs/promises";
import { errorCode, ioError } from "./io-errors.ts";

const NEWLINE = 0x0a;

export class AppendedFile {
  readonly #path: string;
  readonly #descriptor: number;

  /** Opens `path`, which is made where it is missing. `fresh`: what it holds goes; default false. */
  constructor(path: string, { fresh = false }: { fresh?: boolean } = {}) {
    this.#path = path;
    this.#descriptor = attempt(path, () => openSync(path, fresh ? "w" : "a"));
  }

  /** Hands a text or bytes to the system: whoever reads the file sees them at once, and they outlive the process. */
  append(content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    attempt(this.#path, () => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
    });
  }

  /** What was appended outlives a power cut, too. */
  flush(): void {
    attempt(this.#path, () => fdatasyncSync(this.#descriptor));
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/**
 * Cuts `path` before the first line of which `keep` is false, and a last line that has no end. A file that is not there
 * is left so. Lines are read as they come, so the file may be larger than memory.
 */
export async function cutLines(path: string, keep: (line: string) => boolean): Promise<void> {
  let end = 0;
  try {
    for await (const line of wholeLines(path)) {
      if (!keep(line.toString("utf8"))) break;
      end += line.length + 1;
    }
    await truncate(path, end);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw ioError(error, path);
  }
}

/** Lines that end with a line feed, without it. */
async function* wholeLines(path: string): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
}

function attempt<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw ioError(error, path);
  }
}
