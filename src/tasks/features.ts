/** Tokenized rows in typed arrays: 2 or 4 bytes a token, 8 a row, so that ten million short rows fit in memory. */

/** A typed array that grows by half; appending costs amortized constant time. */
export class Growable<A extends Uint16Array | Uint32Array | Int32Array | Float32Array> {
  array: A;
  length = 0;
  readonly #make: (length: number) => A;

  constructor(make: (length: number) => A) {
    this.#make = make;
    this.array = make(1024);
  }

  reserve(count: number): void {
    if (this.length + count <= this.array.length) return;
    const grown = this.#make(Math.ceil((this.length + count) * 1.5));
    grown.set(this.array);
    this.array = grown;
  }

  push(value: number): void {
    this.reserve(1);
    this.array[this.length++] = value;
  }

  append(values: ArrayLike<number>): void {
    this.reserve(values.length);
    this.array.set(values, this.length);
    this.length += values.length;
  }

  /** What was appended, without the room to grow. */
  get filled(): A {
    return this.array.subarray(0, this.length) as A;
  }
}

/** Labels of all rows: `width` numbers each, or one number a token. */
export interface LabelArray {
  readonly width: number | "tokens";
  readonly values: Float32Array;
}

export class Features {
  readonly #tokens: Growable<Uint16Array | Uint32Array>;
  readonly #ends = new Growable((n) => new Uint32Array(n));
  readonly #firstLengths = new Growable((n) => new Uint16Array(n));
  #labels: LabelArray = { width: 0, values: new Float32Array(0) };
  #maxLength = 0;

  /** `vocabSize` decides the bytes a token. */
  constructor(vocabSize: number) {
    this.#tokens = new Growable<Uint16Array | Uint32Array>((n) =>
      vocabSize <= 65_536 ? new Uint16Array(n) : new Uint32Array(n),
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

  inputIds(row: number): Uint16Array | Uint32Array {
    return this.#tokens.array.subarray(this.start(row), this.#ends.array[row]);
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
