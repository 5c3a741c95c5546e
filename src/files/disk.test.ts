/** Saves on a disk that records its calls, fails in one of them, or takes few bytes at a time. */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callsOf, failingDisk } from "../../test/helpers/watched-disk.ts";
import { makeFolder, writeFileAtomic, writeFilesAtomic } from "./atomic.ts";
import { currentDisk, type Disk, withDisk } from "./disk.ts";
import { writeNewFile } from "./new-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "disk-"));
});
afterEach(() => rm(folder, { recursive: true }));

const text = (name: string) => readFile(join(folder, name), "utf8");

describe("the order of a save", () => {
  it("is write, flush, rename, flush of the folder", async () => {
    const calls = await callsOf(() => writeFileAtomic(join(folder, "a"), "text"));
    const file = ["create a*", "write a*", "sync a*", "close a*"];
    expect(calls).toEqual([...file, "rename a* a", `syncFolder ${basename(folder)}`]);
  });

  it("has a flush before the file that makes a folder valid", async () => {
    const files = ["weights", "config.json"].map((name) => ({ name, content: name }));
    const calls = await callsOf(() => writeFilesAtomic(folder, files));
    const flush = `syncFolder ${basename(folder)}`;
    expect(calls.slice(calls.indexOf("remove config.json"))).toEqual([
      ...["remove config.json", flush],
      ...["rename weights* weights", flush],
      ...["rename config.json* config.json", flush],
    ]);
  });

  it("flushes the folder above each that it makes", async () => {
    const deep = join(folder, "a", "b");
    const calls = await callsOf(() => makeFolder(deep));
    expect(calls.filter((call) => call.startsWith("syncFolder"))).toEqual([
      `syncFolder ${basename(folder)}`,
      "syncFolder a",
    ]);
    expect(await callsOf(() => makeFolder(deep))).toEqual(["makeFolder b", "list b"]);
  });
});

describe("a call that fails", () => {
  const save = () =>
    writeFilesAtomic(folder, [
      { name: "weights", content: "new" },
      { name: "config.json", content: "new" },
    ]);

  it.each(["ENOSPC", "EIO"])(
    "with %s leaves old files or a folder that is not valid, and no rest",
    async (code) => {
      const all = await callsOf(save);
      for (const [number, failing] of all.entries()) {
        for (const name of ["weights", "config.json"]) await writeFile(join(folder, name), "old");
        const disk = failingDisk(number, code);
        await expect(withDisk(disk, save), failing).rejects.toThrow(/the disk (is full|reported an error)/);
        const names = await readdir(folder);
        const valid = names.includes("config.json");
        expect(names, failing).toEqual(valid ? ["config.json", "weights"] : ["weights"]);
        if (valid) expect(await text("config.json"), failing).toBe(await text("weights"));
      }
    },
  );
});

describe("writeNewFile", () => {
  it("goes on where the disk takes a part of the bytes, and hashes each once", async () => {
    const real = currentDisk();
    const disk: Disk = {
      ...real,
      create: async (path) => {
        const file = await real.create(path);
        return { ...file, write: (bytes) => file.write(bytes.subarray(0, 1000)) };
      },
    };
    const bytes = Uint8Array.from({ length: 9_500 }, (_, i) => i % 251);
    const hash = createHash("sha256");
    await withDisk(disk, () => writeNewFile(join(folder, "a"), [bytes, bytes], hash));
    const written = await readFile(join(folder, "a"));
    expect(Buffer.compare(written, Buffer.concat([bytes, bytes]))).toBe(0);
    expect(hash.digest("hex")).toBe(createHash("sha256").update(written).digest("hex"));
  });

  it("ends with an error where the disk takes nothing", async () => {
    const real = currentDisk();
    const disk: Disk = {
      ...real,
      create: async (path) => ({ ...(await real.create(path)), write: async () => 0 }),
    };
    await expect(withDisk(disk, () => writeNewFile(join(folder, "a"), "x"))).rejects.toThrow("EIO");
  });

  it("refuses a file that exists", async () => {
    await writeFile(join(folder, "a"), "old");
    await expect(writeNewFile(join(folder, "a"), "new")).rejects.toThrow("EEXIST");
    expect(await text("a")).toBe("old");
  });
});
