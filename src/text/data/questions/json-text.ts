/** A file that is one JSON value, whole in memory; what is no JSON is refused with its place. */
import { InputError } from "../../../util/errors.ts";
import { decodeText } from "../decode.ts";
import type { ByteSource } from "../source.ts";
import { findJsonFault } from "./json-fault.ts";

/** V8's strings end at 537 million; the official SQuAD files have 5 to 42 million. */
const MAX_CHARACTERS = 500_000_000;

/** Throws `InputError` naming line and character. */
export async function readJson(source: ByteSource, encoding?: string): Promise<unknown> {
  const chunks: string[] = [];
  let characters = 0;
  for await (const chunk of decodeText(source, encoding)) {
    chunks.push(chunk);
    characters += chunk.length;
    if (characters > MAX_CHARACTERS) {
      throw new InputError(
        `${source.name}: more than ${MAX_CHARACTERS / 1e6} million characters of JSON; it is read whole.\nConvert it to JSONL, one question a line, or split it.`,
      );
    }
  }
  const text = chunks.join("");
  try {
    return JSON.parse(text);
  } catch {
    throw notJson(source.name, text);
  }
}

function notJson(name: string, text: string): InputError {
  const { at, expected } = findJsonFault(text);
  const lineStart = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
  const line = text.slice(0, lineStart).split("\n").length;
  const character = (at - lineStart + 1).toLocaleString("en-US");
  if (at >= text.trimEnd().length) {
    return new InputError(
      `${name}:${line}: the JSON ends in the middle, at character ${character} of the line, where ${expected} is due.\nThe file is cut off: get it again.`,
    );
  }
  return new InputError(
    `${name}:${line}: not JSON at character ${character} of the line: ${JSON.stringify(text.charAt(at))} where ${expected} is due.\nCorrect the file.`,
  );
}
