/** The texts of a file, for prediction: labels are read where they stand and never asked for. */
import { openExamples } from "../training/dataset.ts";
import type { DataOptions, Row } from "../training/options.ts";

/** Rows of a CSV, TSV or JSONL file, or of standard input (`-`), streaming. Throws `InputError` naming file and line. */
export async function* readRows(
  file: string,
  options: DataOptions & { signal?: AbortSignal } = {},
): AsyncGenerator<Row, void, undefined> {
  const { examples } = await openExamples(file, { ...options, needs: { label: "optional", kind: "auto" } });
  for await (const { text, textPair, label } of examples) {
    options.signal?.throwIfAborted();
    yield { text, textPair, label };
  }
}
