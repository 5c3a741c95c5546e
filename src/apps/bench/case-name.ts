/** What a case is called in the table and in the JSON file. */
import type { Precision } from "../../internals.ts";

/** float32 goes without saying. */
export function caseName(name: string, precision: Precision): string {
  return precision === "float32" ? name : `${name}-${precision}`;
}
