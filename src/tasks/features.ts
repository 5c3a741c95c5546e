/** Tokenized rows: 12 bytes a row in memory, and 2 or 4 a token, there or where a policy puts them. */
import { Column, type OverflowPolicy } from "./column.ts";
import { Growable } from "./growable.ts";

/** Numbers that are there, as a `Float32Array` is, or are made when they are asked for. */
export interface Values {
  readonly length: number;
  subarray(start: number, end: number): Float32Array;
}

/** `Float32Array.from(numbers, value)`, which takes V8 ten times as long. */
export function floatsOf(numbers: ArrayLike<number>, value: (x: number) => number): Float32Array {
  const floats = new Float32Array(numbers.length);
  for (let i = 0; i < floats.length; i++) floats[i] = value(numbers[i]);
  return floats;
}

/** Labels of all rows: `width` numbers each, or one number a token. A row's numbers are asked for together. */
export interface LabelArray {
  readonly width: number | "tokens";
  readonly values: Values;
}

export class Features {
  readonly #tokens: Column<Uint16Array | Uint32Array>;
  /** Doubles: a corpus may have more than 2^32 tokens. */
  readonly #ends = new Growable((n) => new Float64Array(n));
  readonly #firstLengths = new Growable((n) => new Uint32Array(n));
  #labels: LabelArray = { width: 0, values: new Float32Array(0) };
  #maxLength = 0;

  /** `vocabSize` decides the bytes a token. Without a policy all tokens stay in memory. */
  constructor(vocabSize: number, policy?: OverflowPolicy) {
    const narrow = vocabSize <= 65_536;
    this.#tokens = new Column<Uint16Array | Uint32Array>(
      (n) => (narrow ? new Uint16Array(n) : new Uint32Array(n)),
      policy,
    );
  }

  /** Adds a row: its ids with `[CLS]` and `[SEP]`, and how many of them are of segment 0. */
  add(inputIds: ArrayLike<number>, firstLength: number): void {
    this.#tokens.append(inputIds);
    this.#ends.push(this.#tokens.length);
    this.#firstLengths.push(firstLength);
    this.#maxLength = Math.max(this.#maxLength, inputIds.length);
  }

  /** Sets the labels of all rows, once they are known. */
  setLabels(labels: LabelArray): void {
    const expected = labels.width === "tokens" ? this.tokens : labels.width * this.rows;
    if (labels.values.length !== expected) {
      throw new Error(`internal: ${labels.values.length} label values for ${this.rows} rows`);
    }
    this.#labels = labels;
  }

  get rows(): number {
    return this.#ends.length;
  }

  get tokens(): number {
    return this.#tokens.length;
  }

  /** Tokens of the longest row. */
  get maxLength(): number {
    return this.#maxLength;
  }

  /** Throws `InputError` where they lie outside of memory and cannot be read. So does `label` of tokens. */
  inputIds(row: number): Uint16Array | Uint32Array {
    return this.#tokens.slice(this.start(row), this.#ends.array[row]);
  }

  length(row: number): number {
    return this.#ends.array[row] - this.start(row);
  }

  /** The row's first token among those of all rows. */
  start(row: number): number {
    return row === 0 ? 0 : this.#ends.array[row - 1];
  }

  /** Tokens of segment 0. */
  firstLength(row: number): number {
    return this.#firstLengths.array[row];
  }

  /** Segment of the token at a position: 0, then 1. */
  tokenType(row: number, position: number): number {
    return position < this.firstLength(row) ? 0 : 1;
  }

  /** Tokens, from the first, that others attend to. */
  attended(row: number): number {
    return this.length(row);
  }

  label(row: number): Float32Array {
    const { width, values } = this.#labels;
    if (width === "tokens") return values.subarray(this.start(row), this.#ends.array[row]);
    return values.subarray(row * width, (row + 1) * width);
  }
}
