/** Offsets that count Unicode code points, as files written by Python have them, to UTF-16 units. */

/** For one text: code points in all, and the UTF-16 offset of each count of them from 0 to that. */
export interface CodePoints {
  length: number;
  toUtf16(offset: number): number;
}

/** Scans the text only where it has surrogates: elsewhere both counts are the same. A lone surrogate counts as one. */
export function codePointsOf(text: string): CodePoints {
  if (!/[\ud800-\udfff]/.test(text)) return { length: text.length, toUtf16: (offset) => offset };
  const starts: number[] = [];
  let at = 0;
  for (const character of text) {
    starts.push(at);
    at += character.length;
  }
  starts.push(at);
  return { length: starts.length - 1, toUtf16: (offset) => starts[offset] };
}
