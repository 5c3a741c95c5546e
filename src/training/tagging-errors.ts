/** What is wrong with the tags of a file as a whole, in words for a person. */
import type { SpanFault } from "../tasks/token-classification/tag-text.ts";
import type { SchemeReport } from "../text/tags/schemes.ts";
import { InputError } from "../util/errors.ts";
import { MOST_TAGS } from "./tag-labels.ts";

/** A span of a file that words cannot express. */
export interface FaultOfFile {
  line: number;
  text: string;
  fault: SpanFault["fault"];
}

/** At least one fault. */
export function spanFaults(name: string, faults: readonly FaultOfFile[]): InputError {
  const rows = [...new Set(faults.map(({ line }) => line))];
  const [{ line, text, fault }] = faults;
  return new InputError(
    `${name}:${line}: the span ${JSON.stringify(text)} ${fault}; ${faults.length} such in ` +
      `${rows.length === 1 ? "row" : "rows"} ${rows.join(", ")}.\n` +
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
