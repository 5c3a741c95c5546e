/** Bytes by name: what the readers read. Files are opened elsewhere (`files`, a web page); here is no file system. */

export interface ByteSource {
  /** What messages call it, usually the path as the user gave it. */
  readonly name: string;
  /** Bytes in all, where that is known before reading. */
  readonly size?: number;
  /** Starts from the first byte each time it is called: the head is read once more than the rest. */
  open(): AsyncIterable<Uint8Array>;
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
