/** Values from files inside messages: on one line, cut where they are long. */

const CHARACTERS_SHOWN = 40;

/** Control characters as spaces, the end of a long value as `…`. */
export function oneLine(value: string): string {
  const line = value.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return line.length > CHARACTERS_SHOWN ? `${line.slice(0, CHARACTERS_SHOWN - 1)}…` : line;
}

/** `oneLine` in quotes. */
export function show(value: string): string {
  return `"${oneLine(value)}"`;
}

/** `"a", "b" and 12 more`: at most `most` of the values. */
export function showList(values: readonly string[], most = 12): string {
  const listed = values.slice(0, most).map(show).join(", ");
  return values.length > most ? `${listed} and ${values.length - most} more` : listed;
}
