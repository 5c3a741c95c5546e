/** Words quoted for a POSIX shell where they need it: command lines to copy. */

export function shellWord(word: string): string {
  return /^[\p{L}\p{N}_.:/=@%+,-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
