/** Hashes of whole files. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

export interface HashOptions {
  /** Default SHA-256. */
  algorithm?: "sha1" | "sha256";
  /** Hashed before the content; default nothing. */
  prefix?: string;
}

/** In hexadecimal. */
export async function hashFile(
  path: string,
  { algorithm = "sha256", prefix = "" }: HashOptions = {},
): Promise<string> {
  const hash = createHash(algorithm).update(prefix);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}
