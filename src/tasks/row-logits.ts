/** Logits of all rows, taken in any order: in memory while they are few, where a policy puts them from then on. */
import { Column, type OverflowPolicy } from "./column.ts";

export class RowLogits {
  readonly #values: Column<Float32Array>;
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;

  constructor(rows: number, policy?: OverflowPolicy) {
    this.#values = new Column((n) => new Float32Array(n), policy);
    this.#starts = new Float64Array(rows);
    this.#ends = new Float64Array(rows);
  }

  /** Copies them. */
  add(row: number, logits: Float32Array): void {
    this.#starts[row] = this.#values.length;
    this.#values.append(logits);
    this.#ends[row] = this.#values.length;
  }

  of(row: number): Float32Array {
    return this.#values.slice(this.#starts[row], this.#ends[row]);
  }
}
