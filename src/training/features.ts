/** Tokenized rows in typed arrays: 2 or 4 bytes a token, 8 a row, so that ten million short rows fit in memory. */

/** A typed array that grows by half; appending costs amortized constant time. */
class Growable<A extends Uint16Array | Uint32Array | Float32Array> {
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
}

export class Features {
  readonly labelWidth: number;
  readonly #tokens: Growable<Uint16Array | Uint32Array>;
  readonly #ends = new Growable((n) => new Uint32Array(n));
  readonly #firstLengths = new Growable((n) => new Uint16Array(n));
  readonly #labels = new Growable((n) => new Float32Array(n));
  #maxLength = 0;

  /** `vocabSize` decides the bytes a token; `labelWidth` is the task's, 0 for rows without labels. */
  constructor(vocabSize: number, labelWidth: number) {
    this.labelWidth = labelWidth;
    this.#tokens = new Growable<Uint16Array | Uint32Array>((n) =>
      vocabSize <= 65_536 ? new Uint16Array(n) : new Uint32Array(n),
    );
  }

  /** Adds a row: its ids with `[CLS]` and `[SEP]`, and how many of them are of segment 0. */
  add(inputIds: ArrayLike<number>, firstLength: number, label: ArrayLike<number>): void {
    if (label.length !== this.labelWidth) throw new Error(`internal: a label of ${label.length} numbers`);
    this.#tokens.reserve(inputIds.length);
    this.#tokens.array.set(inputIds, this.#tokens.length);
    this.#tokens.length += inputIds.length;
    this.#ends.push(this.#tokens.length);
    this.#firstLengths.push(firstLength);
    for (let i = 0; i < label.length; i++) this.#labels.push(label[i]);
    this.#maxLength = Math.max(this.#maxLength, inputIds.length);
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
    return this.#tokens.array.subarray(this.#start(row), this.#ends.array[row]);
  }

  length(row: number): number {
    return this.#ends.array[row] - this.#start(row);
  }

  /** Tokens of segment 0. */
  firstLength(row: number): number {
    return this.#firstLengths.array[row];
  }

  label(row: number): Float32Array {
    const start = row * this.labelWidth;
    return this.#labels.array.subarray(start, start + this.labelWidth);
  }

  /** Replaces every label by `map` of it, such as class numbers after all names are known. */
  relabel(map: (value: number) => number): void {
    const labels = this.#labels.array;
    for (let i = 0; i < this.#labels.length; i++) labels[i] = map(labels[i]);
  }

  #start(row: number): number {
    return row === 0 ? 0 : this.#ends.array[row - 1];
  }
}
