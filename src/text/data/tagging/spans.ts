/**
 * Spans of a text as rows hold them: `{start, end, label}`, the same under the names of annotation tools
 * (`start_offset`, `end_offset`, `type`), or `[start, end, label]`.
 */
import { codePointsOf } from "../code-points.ts";
import { show } from "../show.ts";
import type { Entity } from "./tagged-example.ts";
import { Fault, kindOf, toList } from "./values.ts";

/** The spans under a key, sorted, in UTF-16 units. Faults name offsets as the row has them. */
export function entitiesOf(
  key: string,
  value: unknown,
  text: string,
  offsets: "code_points" | "utf16",
): Entity[] | Fault {
  const list = toList(value);
  if (list === undefined) return new Fault(`${show(key)} is ${kindOf(value)}, not a list of spans`);
  const { length, toUtf16 } =
    offsets === "code_points"
      ? codePointsOf(text)
      : { length: text.length, toUtf16: (offset: number) => offset };
  const spans: Entity[] = [];
  for (const [i, item] of list.entries()) {
    const span = spanOf(item, i + 1);
    if (span instanceof Fault) return span;
    const fault = checkBounds(span, length);
    if (fault !== undefined) return fault;
    spans.push(span);
  }
  spans.sort((a, b) => a.start - b.start || a.end - b.end);
  const second = spans.findIndex((span, i) => i > 0 && span.start < spans[i - 1].end);
  if (second >= 0) return new Fault(`spans ${name(spans[second - 1])} and ${name(spans[second])} overlap`);
  return spans.map(({ start, end, label }) => ({ start: toUtf16(start), end: toUtf16(end), label }));
}

function spanOf(item: unknown, number: number): Entity | Fault {
  const [start, end, label] = toList(item) ?? partsOf(item);
  if (!Number.isInteger(start) || !Number.isInteger(end) || typeof label !== "string")
    return new Fault(`span ${number} is neither {start, end, label} nor [start, end, label]`);
  if (label.trim() === "") return new Fault(`span ${number} has no label`);
  return { start: start as number, end: end as number, label: label.trim() };
}

function partsOf(item: unknown): unknown[] {
  if (typeof item !== "object" || item === null) return [];
  const span = item as Record<string, unknown>;
  return [span.start ?? span.start_offset, span.end ?? span.end_offset, span.label ?? span.type];
}

function checkBounds(span: Entity, length: number): Fault | undefined {
  const { start, end } = span;
  if (start < 0 || end > length)
    return new Fault(`span ${name(span)} lies outside the text of ${length} characters`);
  if (end <= start) return new Fault(`span ${name(span)} is empty`);
  return undefined;
}

function name({ start, end, label }: Entity): string {
  return `${start}-${end} ${show(label)}`;
}
