/** SHA-256 of what a run reads, so that a later run can tell whether it reads the same. */
import { createHash } from "node:crypto";
import { hashFile } from "./hash.ts";
import type { ByteSource } from "./source.ts";

/**
 * Of one input, once it is read: a file's own hash; of a pipe and of rows in memory, which may come only once, the hash
 * of what passed through `bytes` or `rows`.
 */
export class InputHash {
  readonly #passed = createHash("sha256");
  #isPassing = false;

  /** The same source; its bytes are hashed as they are read, to the end and once. */
  bytes<T extends ByteSource>(source: T): T {
    this.#isPassing = true;
    return { ...source, open: () => this.#tee(source.open(), (chunk) => chunk) };
  }

  /** The same rows; each is hashed as a line of JSON. */
  rows<T extends object>(rows: Iterable<T> | AsyncIterable<T>): AsyncIterable<T> {
    this.#isPassing = true;
    return this.#tee(rows, (row) => `${JSON.stringify(row)}\n`);
  }

  /** In hexadecimal. `path`: of the file, where the input is one. Call it once. */
  async digest(path: string | undefined): Promise<string> {
    if (this.#isPassing) return this.#passed.digest("hex");
    if (path === undefined) throw new Error("internal: an input is hashed before it is read");
    return hashFile(path);
  }

  async *#tee<T>(items: Iterable<T> | AsyncIterable<T>, bytesOf: (item: T) => string | Uint8Array) {
    for await (const item of items) {
      this.#passed.update(bytesOf(item));
      yield item;
    }
  }
}
