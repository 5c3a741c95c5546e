/** Character spans of a plain text as IOB2 tags of its words, for training. */

/** An entity as a data file gives it; offsets in UTF-16 units. */
export interface CharacterSpan {
  label: string;
  start: number;
  end: number;
}

/** An entity that words cannot express. */
export interface SpanFault {
  /** Its place in the list of entities. */
  entity: number;
  fault: "cuts a word" | "covers no word" | "overlaps another entity";
  /** Words [from, to) that it touches; empty where it covers none. */
  words: [from: number, to: number];
}

export interface TaggedText {
  /** A tag a word; entities with a fault have none. */
  tags: string[];
  faults: SpanFault[];
}

/**
 * Tags of the words whose `[start, end)` are in `offsets`, flat. White space at a span's borders does not matter. Of
 * two entities with a word in common the later one in the list is at fault.
 */
export function tagText(offsets: Int32Array, entities: readonly CharacterSpan[]): TaggedText {
  const tags = new Array<string>(offsets.length / 2).fill("O");
  const faults: SpanFault[] = [];
  entities.forEach((span, entity) => {
    const words = wordsTouched(offsets, span);
    const fault = faultOf(offsets, span, words, tags);
    if (fault) faults.push({ entity, fault, words });
    else for (let i = words[0]; i < words[1]; i++) tags[i] = `${i === words[0] ? "B" : "I"}-${span.label}`;
  });
  return { tags, faults };
}

function wordsTouched(offsets: Int32Array, { start, end }: CharacterSpan): [from: number, to: number] {
  const from = firstWordAfter(offsets, start);
  let to = from;
  while (2 * to < offsets.length && offsets[2 * to] < end) to++;
  return [from, to];
}

/** The first word that ends after `character`, by bisection. */
function firstWordAfter(offsets: Int32Array, character: number): number {
  let low = 0;
  let high = offsets.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[2 * middle + 1] > character) high = middle;
    else low = middle + 1;
  }
  return low;
}

function faultOf(
  offsets: Int32Array,
  { start, end }: CharacterSpan,
  [from, to]: [number, number],
  tags: readonly string[],
): SpanFault["fault"] | undefined {
  if (from === to) return "covers no word";
  if (offsets[2 * from] < start || offsets[2 * to - 1] > end) return "cuts a word";
  return tags.slice(from, to).some((tag) => tag !== "O") ? "overlaps another entity" : undefined;
}

/** The fault in words that follow "the span …"; `offsets` are those of the text's words. */
export function describeFault(
  text: string,
  offsets: Int32Array,
  { start }: Omit<CharacterSpan, "label">,
  { fault, words: [from, to] }: SpanFault,
): string {
  if (fault !== "cuts a word") return fault;
  const cut = offsets[2 * from] < start ? from : to - 1;
  return `cuts the word ${JSON.stringify(text.slice(offsets[2 * cut], offsets[2 * cut + 1]))}`;
}
