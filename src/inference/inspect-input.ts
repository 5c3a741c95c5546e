/** What the reports of all tasks ask of their input. */
import type { InspectOptions } from "./options.ts";

/** Options with the length that the report is to speak of. */
export type ResolvedInspectOptions = InspectOptions & { maxSeqLength: number };

/** A layout without the name that it begins with; undefined where that is all it says. */
export function withoutName(name: string, layout: string): string | undefined {
  return layout.startsWith(`${name}: `) ? layout.slice(name.length + 2) : undefined;
}

const ROWS_BETWEEN_LOOKS = 1024;

/** The same rows; throws where the signal has come meanwhile. */
export async function* watched<T>(
  rows: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  let count = 0;
  for await (const row of rows) {
    if (count++ % ROWS_BETWEEN_LOOKS === 0) signal?.throwIfAborted();
    yield row;
  }
}
