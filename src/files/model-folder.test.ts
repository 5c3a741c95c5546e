import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readJson, readJsonIfExists, readText, readTextIfExists } from "./model-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "model-"));
});
afterEach(() => rm(folder, { recursive: true }));

const put = (content: string | Uint8Array) => writeFile(join(folder, "config.json"), content);
const json = () => readJson(folder, "config.json", 1000);

describe("readJson", () => {
  it("gives the object, with or without a byte order mark", async () => {
    await put('\ufeff{"hidden_size": 8}');
    expect(await json()).toEqual({ hidden_size: 8 });
  });

  it("says what is missing", async () => {
    await expect(json()).rejects.toThrow(`${folder}: config.json is missing.`);
    await expect(readJson(join(folder, "x"), "config.json", 1000)).rejects.toThrow(/config\.json is missing/);
    expect(await readJsonIfExists(folder, "config.json", 1000)).toBeUndefined();
  });

  it.each([
    ['{\n  "a": 1,\n  "b": }', /config\.json:3:8: not JSON: "\}" where a value is due/],
    ['{\n  "a": [1, 2', /config\.json:2:13: not JSON: the end where "," or "\]" is due/],
    ["", /config\.json:1:1: not JSON: the end where a value/],
    ["[1]", /a JSON object \{ … \} is needed/],
    ["null", /a JSON object/],
    ['"text"', /a JSON object/],
    [Uint8Array.of(0x7b, 0xff, 0x7d), /config\.json: not UTF-8 text/],
    [" ".repeat(1001), /1001 bytes, the limit is 1000/],
  ])("refuses %j", async (content, message) => {
    await put(content);
    const error: Error = await json().catch((e) => e);
    expect(error.name).toBe("InputError");
    expect(error.message).toMatch(message);
    expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
  });

  it("refuses a folder in the file's place", async () => {
    await mkdir(join(folder, "config.json"));
    await expect(json()).rejects.toThrow(/this is a folder/);
  });
});

describe("readText", () => {
  it("gives the text, and undefined or an error where there is none", async () => {
    await writeFile(join(folder, "vocab.txt"), "[PAD]\né");
    expect(await readText(folder, "vocab.txt", 100)).toBe("[PAD]\né");
    expect(await readTextIfExists(folder, "none", 100)).toBeUndefined();
    await expect(readText(folder, "none", 100)).rejects.toThrow(/none is missing/);
  });
});
