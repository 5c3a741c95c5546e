/** Rows of a table [R, width] named by int32 ids: an embedding's gradient is added, and cleared, row by row. */
import { add, squares } from "./elementwise";

/** In a byte a row: whether it ever had a gradient, and whether it has one now. */
export const HAS_GRADIENT: u8 = 2;
export const HAD_GRADIENT: u8 = 1;

/** The index of the first id that is no row of the table; `n` where all are. */
export function firstRowOutside(ids: usize, n: usize, rows: u32): usize {
  for (let i: usize = 0; i < n; i++) {
    if (load<u32>(ids + (i << 2)) >= rows) return i;
  }
  return n;
}

/** table[ids[t]] += rows[t] for t = 0, 1, ...: in order, so that repeated ids always sum alike; the rows are marked. */
export function addRows(table: usize, marks: usize, ids: usize, n: usize, rows: usize, width: usize): void {
  const stride = width << 2;
  for (let i: usize = 0; i < n; i++) {
    const id = <usize>load<u32>(ids + (i << 2));
    add(table + id * stride, rows + i * stride, width);
    store<u8>(marks + id, HAS_GRADIENT);
  }
}

/** The sum of squares of the rows of a table [rows, width] that have a gradient, row by row. */
export function sumOfMarkedRows(table: usize, marks: usize, rows: usize, width: usize, sum: usize): void {
  const stride = width << 2;
  let total: f64 = 0;
  for (let r: usize = 0; r < rows; r++) {
    if (load<u8>(marks + r) == HAS_GRADIENT) total += squares(table + r * stride, width);
  }
  store<f64>(sum, total);
}

/** Those rows become zero, and are rows that had a gradient. */
export function clearMarkedRows(table: usize, marks: usize, rows: usize, width: usize): void {
  const stride = width << 2;
  for (let r: usize = 0; r < rows; r++) {
    if (load<u8>(marks + r) != HAS_GRADIENT) continue;
    memory.fill(table + r * stride, 0, stride);
    store<u8>(marks + r, HAD_GRADIENT);
  }
}
