/** Which keys of JSONL, Parquet and in-memory rows hold words and tags, or text and spans. */
import { InputError } from "../../../util/errors.ts";
import { find, guessRoles, type KnownNames, nameKey, pick } from "../columns.ts";
import { showList } from "../show.ts";
import type { RowsLayout } from "./layout.ts";
import type { TaggingReadOptions } from "./tagged-example.ts";
import { toList } from "./values.ts";

const WORDS: KnownNames = { first: ["tokens", "words"], lone: ["token", "word", "forms"] };

/** Data sets with several kinds of tags, such as CoNLL-2003's, are read for their entities. */
const TAGS: KnownNames = {
  first: ["tags", "nertags", "labels"],
  lone: "postags upostags xpostags chunktags upos xpos pos ner slots tag label".split(" "),
};

const SPANS: KnownNames = {
  first: ["entities", "spans", "labels", "label"],
  lone: ["ner", "ents", "annotations"],
};

/** Throws `InputError` where a role stays open. */
export function chooseKeys(name: string, rows: readonly object[], options: TaggingReadOptions): RowsLayout {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const chosenText = pick(name, keys, "--text-column", options.textColumn)[0];
  const chosenTags = pick(name, keys, "--tag-column", options.tagColumn)[0];
  const names = keys.map((key, i) => (i === chosenText || i === chosenTags ? "" : nameKey(key)));
  const isNeeded = options.needs.tags === "required";

  const words = chosenText ?? find(names, WORDS);
  const hasWords = words !== undefined && holdsWords(rows, keys[words]);
  const tags = chosenTags ?? find(names, TAGS);
  if (hasWords && (tags !== undefined || !isNeeded))
    return { kind: "jsonl-words", words: keys[words], tags: keyAt(keys, tags) };

  const text = chosenText ?? guessRoles(names, "class").text[0];
  const hasText = text !== undefined && !(hasWords && text === words);
  const entities = chosenTags ?? find(names, SPANS);
  if (hasText && (entities !== undefined || !isNeeded))
    return { kind: "jsonl-spans", text: keys[text], entities: keyAt(keys, entities) };

  throw openKeys(name, keys, hasWords || hasText);
}

/** Whether a key's first value is a list of anything but objects: some tools call a text's pieces tokens. */
function holdsWords(rows: readonly object[], key: string): boolean {
  for (const row of rows) {
    const value: unknown = (row as Record<string, unknown>)[key];
    if (value === undefined || value === null) continue;
    const list = toList(value);
    return list !== undefined && (typeof list[0] !== "object" || list[0] === null);
  }
  return true;
}

function keyAt(keys: readonly string[], at: number | undefined): string | undefined {
  return at === undefined ? undefined : keys[at];
}

function openKeys(name: string, keys: readonly string[], hasText: boolean): InputError {
  const what = hasText ? "the tags" : "words and tags, or text and spans,";
  const options = `${hasText ? "" : "--text-column NAME "}--tag-column NAME`;
  return new InputError(
    `${name}: cannot tell ${what} among ${showList(keys)}.\nName them: ${options}. Words are a list of strings, spans a list of {start, end, label}.`,
  );
}
