/** A stream of rows, encoded, in stretches that are sorted by length and scored together. */
import type { Row, TaskTag } from "../training/options.ts";
import { BATCH_PLACES } from "../training/scoring-batches.ts";
import type { Decoder, EncodedRow } from "./decoders/decoder.ts";

export type Rows = Iterable<Row> | AsyncIterable<Row>;

/**
 * Tokens of a stretch: batches enough that each is of one length, few enough to wait for and to hold, however long
 * the rows are.
 */
const STRETCH = 16 * BATCH_PLACES;

/** Encodes as far as it is asked for; a stretch ends with the row that fills it. */
export async function* encodedStretches<T extends TaskTag>(
  rows: Rows,
  decoder: Decoder<T>,
): AsyncGenerator<EncodedRow<T>[]> {
  let stretch: EncodedRow<T>[] = [];
  let size = 0;
  let turnAt = BATCH_PLACES;
  for await (const row of rows) {
    const encoded = decoder.encode(row);
    stretch.push(encoded);
    size += sizeOf(encoded);
    if (size >= STRETCH) {
      yield stretch;
      [stretch, size, turnAt] = [[], 0, BATCH_PLACES];
    } else if (size >= turnAt) {
      // A batch that has ended meanwhile is followed by the next at once.
      await new Promise((resolve) => setImmediate(resolve));
      turnAt = size + BATCH_PLACES;
    }
  }
  if (stretch.length > 0) yield stretch;
}

/** Tokens, and one for the row itself: one without any takes room as well. */
function sizeOf({ windows }: EncodedRow<TaskTag>): number {
  return windows.reduce((sum, { inputIds }) => sum + inputIds.length, 1);
}
