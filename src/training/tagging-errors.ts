/** What is wrong with the tags of a file as a whole, in words for a person. */
import type { SchemeReport } from "../text/tags/schemes.ts";
import { InputError } from "../util/errors.ts";
import { MOST_TAGS } from "./tag-labels.ts";

/** A span of a file that words cannot express. */
export interface FaultOfFile {
  line: number;
  text: string;
  /** Such as `covers no word`. */
  fault: string;
}

/** At least one fault. */
export function spanFaults(name: string, faults: readonly FaultOfFile[]): InputError {
  const rows = [...new Set(faults.map(({ line }) => line))];
  const [{ line, text, fault }] = faults;
  const where = `${rows.length === 1 ? "row" : "rows"} ${rows.join(", ")}`;
  const others = faults.length === 1 ? "" : `; ${faults.length} such in ${where}`;
  return new InputError(
    `${name}:${line}: the span ${JSON.stringify(text)} ${fault}${others}.\n` +
      "Spans begin and end with words; correct their start and end.",
  );
}

export function manyTags(name: string, line: number): InputError {
  return new InputError(
    `${name}:${line}: the file has more than ${MOST_TAGS} different tags up to here.\nIs this the right --tag-column?`,
  );
}

/** At least one violation. */
export function tagErrors(
  name: string,
  { scheme, violations: { count, examples } }: SchemeReport,
): InputError {
  const [{ line, word, reason }] = examples;
  const lines = examples.map((example) => example.line).join(", ");
  const all = count > examples.length ? `${lines}, …` : lines;
  const others = count === 1 ? "" : `; ${count} such, in the sentences at ${all}`;
  return new InputError(
    `${name}:${line}: ${reason} (word ${word}), where the other tags keep to ${scheme}${others}.\n` +
      "Correct the tags, or read them as conlleval does with --allow-tag-errors.",
  );
}
