/** Hashes of inputs that can be read once: of what passed, and of all of it. */
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { InputHash } from "./input-hash.ts";

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");

it("bytes are hashed as they pass", async () => {
  const hash = new InputHash();
  const chunks = ["one\ntw", "o\n"].map((text) => Buffer.from(text));
  async function* open() {
    yield* chunks;
  }
  const source = hash.bytes({ name: "pipe", open });
  const seen: Uint8Array[] = [];
  for await (const chunk of source.open()) seen.push(chunk);
  expect([source.name, seen]).toEqual(["pipe", chunks]);
  expect(await hash.digest("-")).toBe(sha256("one\ntwo\n"));
});

it("rows are hashed as lines of JSON", async () => {
  const hash = new InputHash();
  const rows = [{ text: "a" }, { text: "b", label: 1 }];
  const seen: object[] = [];
  for await (const row of hash.rows(rows)) seen.push(row);
  expect(seen).toEqual(rows);
  expect(await hash.digest(undefined)).toBe(sha256('{"text":"a"}\n{"text":"b","label":1}\n'));
});
