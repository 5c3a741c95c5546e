/** Words and tags as rows hold them: lists of strings, or of whole numbers that stand for tags. */
import { oneLine, show } from "../show.ts";
import type { TaggingReadOptions } from "./tagged-example.ts";

/** What is wrong with a value, to be put after the name of its row. */
export class Fault {
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

/** The items of a list, typed arrays included; undefined for anything else. */
export function toList(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return ArrayBuffer.isView(value) && Symbol.iterator in value
    ? Array.from(value as Iterable<unknown> & ArrayBufferView)
    : undefined;
}

/** The words under a key. */
export function wordsOf(key: string, value: unknown): string[] | Fault {
  const list = toList(value);
  if (list === undefined) return new Fault(`${show(key)} is ${kindOf(value)}, not a list of words`);
  const odd = list.findIndex((word) => typeof word !== "string");
  if (odd >= 0) return new Fault(`word ${odd + 1} of ${show(key)} is ${kindOf(list[odd])}, not a string`);
  return list as string[];
}

/** The tags under a key, for `count` words. */
export function tagsOf(
  key: string,
  value: unknown,
  count: number,
  { tagNames }: Pick<TaggingReadOptions, "tagNames">,
): string[] | Fault {
  const list = toList(value);
  if (list === undefined) return new Fault(`${show(key)} is ${kindOf(value)}, not a list of tags`);
  if (list.length !== count) return new Fault(`${plural(count, "word")}, but ${plural(list.length, "tag")}`);
  const tags: string[] = [];
  for (const [i, item] of list.entries()) {
    const tag = tagOf(item, tagNames);
    if (tag === undefined)
      return new Fault(`tag ${i + 1} of ${show(key)} is ${describeOddTag(item, tagNames)}`);
    tags.push(tag);
  }
  return tags;
}

/** Undefined for what is no tag. */
function tagOf(item: unknown, tagNames: readonly string[] | undefined): string | undefined {
  if (typeof item === "string") return item.trim() || undefined;
  if (!Number.isInteger(item)) return undefined;
  return tagNames === undefined ? String(item) : tagNames[item as number];
}

function describeOddTag(item: unknown, tagNames: readonly string[] | undefined): string {
  if (typeof item === "string") return "empty";
  if (Number.isInteger(item)) return `${item}, but tags have the numbers 0 to ${(tagNames ?? []).length - 1}`;
  return `${kindOf(item)}, neither a string nor a whole number`;
}

/** A value for a message: what it is, with the value itself where that is short. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (typeof value === "string") return show(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : oneLine(String(value));
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
