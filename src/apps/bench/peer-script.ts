/** Where the peers' programs are. */
import { fileURLToPath } from "node:url";

/** A file of the checkout's folder `bench`, which is the same distance from here in `src` and in `dist`. */
export function peerScript(name: string): string {
  return fileURLToPath(new URL(`../../../bench/${name}`, import.meta.url));
}
