/** The version of this package, as its package.json says. */
import { createRequire } from "node:module";

/** By the package's own name: from `src`, `dist` and `dist/bundle` the path to it differs. */
export function packageVersion(): string {
  const require = createRequire(import.meta.url);
  return (require("bertwright/package.json") as { version: string }).version;
}
