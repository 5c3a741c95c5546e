/** Memory of ours that native code reads and writes: it does not move, and its address is known once. */
import type { Koffi } from "../../util/koffi.ts";
import type { Pointer } from "./ort-library.ts";

/** Pointers or sizes in a row. JavaScript must hold the object for as long as native code uses `address`. */
export interface NativeArray {
  readonly values: BigUint64Array<ArrayBuffer>;
  readonly address: Pointer;
}

export function nativeArray(koffi: Koffi, length: number): NativeArray {
  // Over a buffer of its own: an array made by length alone may lie in V8's heap, whose objects move.
  const values = new BigUint64Array(new ArrayBuffer(Math.max(1, length) * 8));
  return { values, address: koffi.address(values) };
}

/** C strings, one after the other, and the address of each. */
export interface NativeStrings {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly addresses: ReadonlyMap<string, Pointer>;
}

export function nativeStrings(koffi: Koffi, strings: readonly string[]): NativeStrings {
  const encoded = strings.map((text) => new TextEncoder().encode(`${text}\0`));
  const total = encoded.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(1, total)));
  const start = koffi.address(bytes);
  const addresses = new Map<string, Pointer>();
  let offset = 0;
  for (const [i, text] of encoded.entries()) {
    bytes.set(text, offset);
    addresses.set(strings[i], start + BigInt(offset));
    offset += text.length;
  }
  return { bytes, addresses };
}
