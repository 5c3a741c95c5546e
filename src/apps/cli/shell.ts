/** How the command is called, in command lines to copy. */
import { basename, relative } from "node:path";
import { shellWord } from "../../util/shell-words.ts";

/** What was typed to get here: npx or a script of npm's, a link on the PATH, or node and the file. */
export function commandName(env: Readonly<Record<string, string | undefined>>, script: string): string {
  if (env.npm_command !== undefined) return "npx --no-install bertwright";
  if (basename(script) === "bertwright") return "bertwright";
  const path = relative(".", script);
  return `node ${shellWord(path.startsWith("..") ? script : path)}`;
}

/** A message of the library with our commands as they are typed here. */
export function withCommandName(text: string, name: string): string {
  return text.replace(
    /\bbertwright (?=(train|evaluate|predict|inspect|show-report|compare|runtimes|doctor|verify)\b)/g,
    () => `${name} `,
  );
}
