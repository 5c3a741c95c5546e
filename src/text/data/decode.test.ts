/** Bytes that are text in any cut, and bytes that are not. */
import { describe, expect, it } from "vitest";
import { InputError, UsageError } from "../../util/errors.ts";
import { decodeText } from "./decode.ts";
import { sourceFromBytes } from "./source.ts";

async function decode(bytes: Uint8Array | number[], encoding?: string, chunkBytes = 1): Promise<string> {
  let text = "";
  for await (const chunk of decodeText(
    sourceFromBytes("f.csv", Uint8Array.from(bytes), chunkBytes),
    encoding,
  ))
    text += chunk;
  return text;
}

const utf8 = (text: string) => [...new TextEncoder().encode(text)];

describe("decodeText", () => {
  it.each([1, 2, 3, 5, 100])("joins characters over chunks of %i bytes", async (chunkBytes) => {
    expect(await decode(utf8("aé€😀\nß"), undefined, chunkBytes)).toBe("aé€😀\nß");
  });

  it("drops a byte order mark", async () => {
    expect(await decode([0xef, 0xbb, 0xbf, ...utf8("text")])).toBe("text");
    expect(await decode([0xff, 0xfe, 0x61, 0, 0x62, 0], "utf-16le")).toBe("ab");
  });

  it.each([1, 4, 100])("names line and byte of what is not UTF-8, chunks of %i bytes", async (chunkBytes) => {
    const latin1 = [...utf8("eins\nzwei €\ndrei "), 0xe9, 0x74, 0x0a, 0x61];
    await expect(decode(latin1, undefined, chunkBytes)).rejects.toThrow(
      "f.csv:3: byte 0xE9 is not UTF-8.\nIf it is Latin-1, use --encoding iso-8859-1; else save it as UTF-8.",
    );
    expect(await decode(latin1, "iso-8859-1", chunkBytes)).toContain("drei ét\na");
  });

  it("names the line of a character that the end of the file cuts", async () => {
    await expect(decode([...utf8("a\nb"), 0xe2, 0x82])).rejects.toThrow(
      /^f\.csv:2: the file ends inside a UTF-8 character/,
    );
  });

  it("names a byte that another encoding does not have", async () => {
    expect(await decode([0x61, 0x0a, 0x82, 0xa0], "shift_jis")).toBe("a\nあ");
    await expect(decode([0x61, 0x0a, 0xff], "shift_jis")).rejects.toThrow(
      "f.csv:2: byte 0xFF is not SHIFT_JIS.\nName the file's own encoding with --encoding.",
    );
  });

  it.each([
    ["a zip archive or an Excel workbook", [0x50, 0x4b, 3, 4, 20, 0]],
    ["a gzip archive", [0x1f, 0x8b, 8, 0]],
    ["a Parquet file", [0x50, 0x41, 0x52, 0x31, 0x15]],
    ["UTF-16; use --encoding utf-16le", [0xff, 0xfe, 0x61, 0]],
  ])("recognises %s", async (what, bytes) => {
    await expect(decode(bytes, undefined, 100)).rejects.toThrow(
      `f.csv is not plain text: it begins like ${what}`,
    );
  });

  it("refuses a NUL with its line, in the first chunk and later", async () => {
    await expect(decode([0x61, 0x0a, 0, 0xff], undefined, 100)).rejects.toThrow(
      "f.csv:2: a NUL character; this is a binary file.",
    );
    await expect(decode([0x61, 0x0a, 0x0a, 0], undefined, 2)).rejects.toThrow("f.csv:3: a NUL character");
  });

  it("refuses an unknown encoding as wrong usage", async () => {
    await expect(decode([0x61], "utf-9")).rejects.toThrow(UsageError);
    await expect(decode([0x61], "utf-9")).rejects.toThrow("--encoding utf-9: unknown encoding.");
  });

  it("throws InputError, so that no stack is shown", async () => {
    await expect(decode([0xff, 0x61])).rejects.toThrow(InputError);
  });
});
