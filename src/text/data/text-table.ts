/**
 * Which texts were seen, as 64-bit hashes in open addressing: 16 bytes a slot, so that ten million rows need no strings.
 * That two different texts among ten million share a hash has a probability below 1e-5; the cost is one false duplicate.
 */

/** What is kept of the first row with a text. */
export interface Seen {
  line: number;
  /** Hash of its label. */
  label: number;
}

const EMPTY = -1;
const FIRST_SLOTS = 1 << 12;

export class TextTable {
  #size = 0;
  #low = new Int32Array(FIRST_SLOTS);
  #high = new Int32Array(FIRST_SLOTS);
  /** Lines are below 2^31; `EMPTY` marks a free slot. */
  #line = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  #label = new Int32Array(FIRST_SLOTS);

  /** The first row with this text, or undefined. */
  find(text: string, textPair: string | undefined): Seen | undefined {
    const [low, high] = hashPair(text, textPair);
    const slot = this.#slotOf(low, high);
    return this.#line[slot] === EMPTY ? undefined : { line: this.#line[slot], label: this.#label[slot] };
  }

  /** As `find`; a text that is new is kept with its line and label. */
  findOrAdd(text: string, textPair: string | undefined, line: number, label: number): Seen | undefined {
    const [low, high] = hashPair(text, textPair);
    const slot = this.#slotOf(low, high);
    if (this.#line[slot] !== EMPTY) return { line: this.#line[slot], label: this.#label[slot] };
    this.#put(slot, low, high, line, label);
    if (++this.#size * 4 > this.#line.length * 3) this.#grow();
    return undefined;
  }

  #slotOf(low: number, high: number): number {
    const mask = this.#line.length - 1;
    let slot = low & mask;
    while (this.#line[slot] !== EMPTY && (this.#low[slot] !== low || this.#high[slot] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  #put(slot: number, low: number, high: number, line: number, label: number): void {
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#line[slot] = line;
    this.#label[slot] = label;
  }

  #grow(): void {
    const [low, high, line, label] = [this.#low, this.#high, this.#line, this.#label];
    const slots = line.length * 2;
    this.#low = new Int32Array(slots);
    this.#high = new Int32Array(slots);
    this.#line = new Int32Array(slots).fill(EMPTY);
    this.#label = new Int32Array(slots);
    for (let i = 0; i < line.length; i++) {
      if (line[i] !== EMPTY) this.#put(this.#slotOf(low[i], high[i]), low[i], high[i], line[i], label[i]);
    }
  }
}

/** Two 32-bit FNV-1a hashes over UTF-16 units with different primes, mixed by MurmurHash3's finalizer. */
function hashPair(text: string, textPair: string | undefined): [low: number, high: number] {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (const part of textPair === undefined ? [text] : [text, textPair]) {
    for (let i = 0; i < part.length; i++) {
      const unit = part.charCodeAt(i);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ unit, 0x85ebca6b);
    }
    // A mark that is no UTF-16 unit keeps ("ab", "c") and ("a", "bc") apart.
    low = Math.imul(low ^ 0x10000, 0x01000193);
    high = Math.imul(high ^ 0x10000, 0x85ebca6b);
  }
  return [mix(low), mix(high ^ (low >>> 7))];
}

/** A 32-bit hash of one string. */
export function hashText(text: string): number {
  return hashPair(text, undefined)[0];
}

function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
