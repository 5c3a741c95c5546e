/** Command lines to copy: how the command is called, and words quoted for a POSIX shell where they need it. */
import { basename, relative } from "node:path";

/** What was typed to get here: npx or a script of npm's, a link on the PATH, or node and the file. */
export function commandName(env: Readonly<Record<string, string | undefined>>, script: string): string {
  if (env.npm_command !== undefined) return "npx --no-install bertwright";
  if (basename(script) === "bertwright") return "bertwright";
  const path = relative(".", script);
  return `node ${shellWord(path.startsWith("..") ? script : path)}`;
}

export function shellWord(word: string): string {
  return /^[\p{L}\p{N}_.:/=@%+,-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** A message of the library with our commands as they are typed here. */
export function withCommandName(text: string, name: string): string {
  return text.replace(
    /\bbertwright (?=(train|evaluate|predict|inspect|compare|runtimes|doctor|verify)\b)/g,
    () => `${name} `,
  );
}
