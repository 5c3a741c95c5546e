/** Rows of a table [R, width] named by int32 ids: an embedding's gradient is added, and cleared, row by row. */
import { add } from "./elementwise";

/** The index of the first id that is no row of the table; `n` where all are. */
export function firstRowOutside(ids: usize, n: usize, rows: u32): usize {
  for (let i: usize = 0; i < n; i++) {
    if (load<u32>(ids + (i << 2)) >= rows) return i;
  }
  return n;
}

/** table[ids[t]] += rows[t] for t = 0, 1, ...: in order, so that repeated ids always sum alike. */
export function addRows(table: usize, ids: usize, n: usize, rows: usize, width: usize): void {
  const stride = width << 2;
  for (let i: usize = 0; i < n; i++) {
    add(table + <usize>load<u32>(ids + (i << 2)) * stride, rows + i * stride, width);
  }
}

/** table[ids[t]] = 0 */
export function zeroRows(table: usize, ids: usize, n: usize, width: usize): void {
  const stride = width << 2;
  for (let i: usize = 0; i < n; i++) {
    memory.fill(table + <usize>load<u32>(ids + (i << 2)) * stride, 0, stride);
  }
}
