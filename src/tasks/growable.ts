/** A typed array that grows by half; appending costs amortized constant time. */

type Numbers = Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

export class Growable<A extends Numbers> {
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
