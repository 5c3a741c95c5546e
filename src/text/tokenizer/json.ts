/** Checked access to JSON that somebody else wrote. */
import { InputError } from "../../util/errors.ts";

export type JsonObject = { [key: string]: unknown };

/** Parses a file's JSON object; `file` names it in errors. */
export function parseObject(file: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0].slice(0, 120) : String(error);
    throw new InputError(
      `${file} is not valid JSON: ${reason}\nGet the file again from where the model came from.`,
    );
  }
  return asObject(file, value);
}

export function asObject(where: string, value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw unexpected(where, "an object", value);
  return value as JsonObject;
}

export function asArray(where: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw unexpected(where, "a list", value);
  return value;
}

export function asString(where: string, value: unknown): string {
  if (typeof value !== "string") throw unexpected(where, "a string", value);
  return value;
}

export function asBoolean(where: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw unexpected(where, "true or false", value);
  return value;
}

/** A whole number from 0 to below `limit`. */
export function asIndex(where: string, value: unknown, limit: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= limit) {
    throw unexpected(where, `a whole number from 0 to ${limit - 1}`, value);
  }
  return value;
}

export function unexpected(where: string, expected: string, value: unknown): InputError {
  const found = value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
  return new InputError(`${where}: expected ${expected}, found ${found}`);
}
