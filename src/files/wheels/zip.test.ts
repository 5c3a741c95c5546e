import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EntryToZip, zip } from "../../../test/helpers/zip.ts";
import { readZipDirectory, readZipEntry } from "./zip.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zip-"));
  path = join(folder, "a.zip");
});
afterEach(() => rm(folder, { recursive: true }));

async function unzip(archive: Buffer): Promise<Record<string, string>> {
  await writeFile(path, archive);
  const contents: Record<string, string> = {};
  for (const [name, entry] of await readZipDirectory(path)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of readZipEntry(path, entry)) chunks.push(chunk);
    contents[name] = Buffer.concat(chunks).toString();
  }
  return contents;
}

const LONG = "long ".repeat(200_000);

describe("a zip archive", () => {
  it("gives stored and deflated entries, empty ones, and no folders", async () => {
    const archive = zip([
      { name: "m/", content: "" },
      { name: "m/stored", content: "plain", stored: true },
      { name: "m/deflated é", content: LONG },
      { name: "empty", content: "", stored: true },
    ]);
    expect(await unzip(archive)).toEqual({ "m/stored": "plain", "m/deflated é": LONG, empty: "" });
  });

  it("may end in a comment, and its local headers may have fields of their own", async () => {
    const archive = zip(
      [
        { name: "a", content: "x", localExtra: 20 },
        { name: "b", content: "y" },
      ],
      "PK\x05\x06 a comment",
    );
    expect(await unzip(archive)).toEqual({ a: "x", b: "y" });
  });

  it.each<[string, Partial<EntryToZip>, RegExp]>([
    ["leads up", { name: "../a" }, /unsafe name "\.\.\/a"/],
    ["leads up in the middle", { name: "m/../../a" }, /unsafe name/],
    ["is absolute", { name: "/etc/a" }, /unsafe name/],
    ["names a drive", { name: "C:a" }, /unsafe name/],
    ["has a backslash", { name: "m\\..\\a" }, /unsafe name/],
    ["has a zero byte", { name: "a\0b" }, /unsafe name/],
    ["is empty", { name: "" }, /unsafe name/],
    ["is encrypted", { flags: 1 }, /encrypted or of an unknown method/],
    ["uses another method", { method: 12 }, /encrypted or of an unknown method/],
    ["is larger than it says", { content: LONG, size: 1000 }, /does not match its checksum/],
    ["is smaller than it says", { size: 6 }, /does not match its checksum/],
    ["has another checksum", { crc: 1 }, /does not match its checksum/],
    [
      "is stored and cut short",
      { content: "abcdef", stored: true, packedSize: 3 },
      /does not match its checksum/,
    ],
    ["does not inflate", { content: "no deflate stream", stored: true, method: 8 }, /does not unpack/],
    ["is deflated and cut short", { content: LONG, packedSize: 40 }, /does not unpack/],
    ["starts nowhere", { offset: 3 }, /is not where the directory says/],
    ["starts beyond the end", { offset: 1_000_000 }, /cut off/],
  ])("refuses an entry that %s", async (_, fault, message) => {
    const unpacked = unzip(
      zip([
        { name: "first", content: "1" },
        { name: "a", content: "abc", ...fault },
      ]),
    );
    await expect(unpacked).rejects.toThrow(message);
    await expect(unpacked).rejects.toThrow(expect.objectContaining({ name: "InputError" }));
  });

  it("gives out no more than an entry declares, whatever unpacks", async () => {
    const bomb = zip([{ name: "a", content: Buffer.alloc(50_000_000), size: 300_000 }]);
    await writeFile(path, bomb);
    const entry = (await readZipDirectory(path)).get("a")!;
    let received = 0;
    const drain = async () => {
      for await (const chunk of readZipEntry(path, entry)) received += chunk.length;
    };
    await expect(drain()).rejects.toThrow(/checksum/);
    expect(received).toBeLessThanOrEqual(300_000);
  });

  it("refuses two entries of one name", async () => {
    await expect(
      unzip(
        zip([
          { name: "a", content: "1" },
          { name: "a", content: "2" },
        ]),
      ),
    ).rejects.toThrow(/a comes twice/);
  });

  it("refuses whatever it is cut to, and other files", async () => {
    const archive = zip([
      { name: "a", content: "abc" },
      { name: "b", content: "abc" },
    ]);
    for (let length = 0; length < archive.length; length++) {
      await expect(unzip(archive.subarray(0, length)), `${length} bytes`).rejects.toThrow(
        /not a zip archive, or cut off/,
      );
    }
    await expect(unzip(Buffer.from("no archive at all, but longer than an end record"))).rejects.toThrow(
      /not a zip archive/,
    );
  });

  it("refuses a directory that does not hold what the end record counts", async () => {
    const archive = zip([{ name: "a", content: "abc" }]);
    const counted = Buffer.from(archive);
    counted.writeUInt16LE(2, archive.length - 12);
    await expect(unzip(counted)).rejects.toThrow(/directory is cut off/);
    const huge = Buffer.from(archive);
    huge.writeUInt32LE(0xffffffff, archive.length - 10);
    await expect(unzip(huge)).rejects.toThrow(/over the limit/);
    const wide = Buffer.from(archive);
    wide.writeUInt16LE(0xffff, archive.length - 12);
    await expect(unzip(wide)).rejects.toThrow(/over the limit/);
  });
});
