/**
 * Counter-based random numbers: a value depends on (seed, purpose, step, index) alone, never on what was drawn before,
 * so a run can be resumed anywhere. The mixing function is the finalizer of MurmurHash3 (Appleby), applied per word.
 */

/** What a number is for; two purposes never share a stream. */
export const PURPOSE = {
  initialization: 1,
  shuffling: 2,
  dropout: 3,
  split: 4,
  steps: 5,
  bootstrap: 6,
} as const;

/** 32 well-mixed bits of the words, as an unsigned integer. */
export function hash32(...words: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const word of words) h = extended(h, word);
  return h >>> 0;
}

/** `hash32(...words, word)` from `hash32(...words)`, for millions of last words: it makes no array. */
export function extendHash(hash: number, word: number): number {
  return extended(hash, word) >>> 0;
}

function extended(h: number, word: number): number {
  return mix(Math.imul(h ^ (word | 0), 0x85ebca6b) + 0x6d2b79f5);
}

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A number in (0, 1) with 32 random bits. */
export function uniform(...words: readonly number[]): number {
  return (hash32(...words) + 0.5) / 2 ** 32;
}

/** A standard normal number (Box and Muller 1958) from two uniform ones. */
export function normal(...words: readonly number[]): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(...words, 0)));
  return radius * Math.cos(2 * Math.PI * uniform(...words, 1));
}

/** The numbers 0 to count - 1 in an order that depends on the words alone (Fisher and Yates, from the end). */
export function permutation(count: number, ...words: readonly number[]): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform(...words, i) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** 32 bits of a text, such as a parameter's name (FNV-1a). */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
