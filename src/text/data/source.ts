/** Bytes by name: what the readers read. Files are opened elsewhere (`files`, a web page); here is no file system. */

export interface ByteSource {
  /** What messages call it, usually the path as the user gave it. */
  readonly name: string;
  /** Bytes in all, where that is known before reading. */
  readonly size?: number;
  /** Starts from the first byte each time it is called: the head is read once more than the rest. */
  open(): AsyncIterable<Uint8Array>;
}

/**
 * A source that can be opened twice though its bytes come only once, such as a pipe: what the first reader took is
 * given to the second again, before the rest. For a look at the head, then a reading of the whole.
 */
export function rereadable({ name, size, open }: ByteSource): ByteSource {
  const head: Uint8Array[] = [];
  let chunks: AsyncIterator<Uint8Array> | undefined;
  return {
    name,
    size,
    async *open() {
      const first = chunks === undefined;
      chunks ??= open()[Symbol.asyncIterator]();
      yield* head.slice();
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
        if (first) head.push(next.value);
        yield next.value;
      }
    },
  };
}

/** A source that holds `text` as UTF-8. */
export function sourceFromText(name: string, text: string): ByteSource {
  return sourceFromBytes(name, new TextEncoder().encode(text));
}

/** A source over bytes in memory, handed out in chunks of `chunkBytes`. */
export function sourceFromBytes(name: string, bytes: Uint8Array, chunkBytes = 65_536): ByteSource {
  return {
    name,
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}
