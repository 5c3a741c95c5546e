/** JSONL: one object a line (jsonlines.org). */
import { InputError } from "../../util/errors.ts";

/** The object on a line, or undefined for anything else. */
export function parseObject(line: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object's own values in the order of the columns, undefined where it has none. */
export function valuesOf(object: object, columns: readonly string[]): unknown[] {
  return columns.map((key) =>
    Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined,
  );
}

/** The error for a line that is not a JSON object. */
export function notJsonObject(name: string, line: number): InputError {
  return new InputError(
    `${name}:${line}: not a JSON object.\nThe line may be cut off; JSONL has one whole object a line.`,
  );
}
