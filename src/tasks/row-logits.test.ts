import { expect, it } from "vitest";
import type { Overflow } from "./column.ts";
import { RowLogits } from "./row-logits.ts";

/** Bytes in memory that stand for a file. */
function overflow(): Overflow {
  let held = Buffer.alloc(0);
  return {
    append: (bytes) => {
      held = Buffer.concat([held, bytes]);
    },
    read: (position, target) => target.set(held.subarray(position, position + target.length)),
  };
}

it.each([
  ["in memory", undefined],
  ["outside of it", { mostInMemory: 0, create: overflow }],
])("gives each row its own, whatever the order they came in, %s", (_where, policy) => {
  const logits = new RowLogits(4, policy);
  const reused = new Float32Array(3);
  for (const row of [2, 0, 3, 1]) {
    reused.fill(row + 0.5);
    logits.add(row, reused.subarray(0, row));
  }
  const rows = [0, 1, 2, 3].map((row) => [...logits.of(row)]);
  expect(rows).toEqual([[], [1.5], [2.5, 2.5], [3.5, 3.5, 3.5]]);
});
