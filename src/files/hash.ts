/** Hashes of whole files and of texts. */
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

/** SHA-256 of the text in UTF-8. */
export function hashText(text: string, encoding: "hex" | "base64"): string {
  return createHash("sha256").update(text).digest(encoding);
}
