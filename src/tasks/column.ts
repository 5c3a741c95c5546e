/**
 * Numbers of all rows, one after the other: in memory while they are few, in an overflow such as a file from then
 * on, so that a corpus may be larger than memory.
 */
import { Growable } from "./growable.ts";

/** Bytes outside of memory. What fails throws an `InputError`. */
export interface Overflow {
  append(bytes: Uint8Array): void;
  /** Fills `target` with the bytes from `position` on, all of which were appended. */
  read(position: number, target: Uint8Array): void;
}

/** When and to where numbers leave the memory. */
export interface OverflowPolicy {
  /** Bytes that a column may hold. */
  readonly mostInMemory: number;
  create(): Overflow;
}

/** Bytes that are gathered for one write: calls cost nothing beside the copying. */
const BLOCK_BYTES = 1 << 20;

export class Column<A extends Uint16Array | Uint32Array | Float32Array> {
  readonly #make: (length: number) => A;
  readonly #policy: OverflowPolicy | undefined;
  #overflow: Overflow | undefined;
  /** How many numbers are in the overflow; the others follow in `tail`. */
  #moved = 0;
  #tail: Growable<A>;
  /** Bytes of the tail, from which on it moves. */
  #most: number;

  /** Without a policy all stays in memory. */
  constructor(make: (length: number) => A, policy?: OverflowPolicy) {
    this.#make = make;
    this.#policy = policy;
    this.#tail = new Growable(make);
    this.#most = policy?.mostInMemory ?? Number.POSITIVE_INFINITY;
  }

  get length(): number {
    return this.#moved + this.#tail.length;
  }

  append(values: ArrayLike<number>): void {
    this.#tail.append(values);
    if (this.#policy && this.#tail.length * this.#width > this.#most) this.#move(this.#policy);
  }

  /** The numbers [start, end): a view of the memory that holds them, or a copy of what lies in the overflow. */
  slice(start: number, end: number): A {
    const { array } = this.#tail;
    if (start >= this.#moved) return array.subarray(start - this.#moved, end - this.#moved) as A;
    const values = this.#make(end - start);
    const outside = Math.min(end, this.#moved) - start;
    this.#overflow?.read(start * this.#width, bytesOf(values.subarray(0, outside)));
    values.set(array.subarray(0, end - start - outside), outside);
    return values;
  }

  /** Bytes a number. */
  get #width(): number {
    return this.#tail.array.BYTES_PER_ELEMENT;
  }

  #move(policy: OverflowPolicy): void {
    this.#overflow ??= policy.create();
    this.#overflow.append(bytesOf(this.#tail.filled));
    this.#moved += this.#tail.length;
    // A new one, since views of the old may be in use.
    this.#tail = new Growable(this.#make);
    this.#most = Math.min(this.#most, BLOCK_BYTES);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
