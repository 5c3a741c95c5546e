/** Folders that are whole or not there, and any change of which shows. */
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../test/helpers/refusal.ts";
import { callsOf, failingDisk } from "../../test/helpers/watched-disk.ts";
import { withDisk } from "./disk.ts";
import { readSealedFolder, removeFolder, SEAL, writeSealedFolder } from "./sealed-folder.ts";

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sealed-"));
  folder = join(root, "step-1");
});
afterEach(() => rm(root, { recursive: true }));

const write = (content: string) =>
  writeSealedFolder(
    folder,
    [
      { name: "a", content: `${content}-a` },
      { name: "b", content: [new TextEncoder().encode(content), new Uint8Array(3)] },
    ],
    { content },
  );

it("gives back what was sealed", async () => {
  await write("new");
  expect(await readSealedFolder(folder)).toMatchObject({ content: "new" });
  expect(await readFile(join(folder, "a"), "utf8")).toBe("new-a");
  expect(await readdir(root)).toEqual(["step-1"]);
});

it("flushes every file and the folder before it has its name, and the folder above then", async () => {
  const calls = await callsOf(() => write("new"));
  const rename = calls.indexOf("rename step-1* step-1");
  expect(calls.slice(0, rename).filter((call) => call.startsWith("sync"))).toEqual([
    ...["sync a", "sync b", `sync ${SEAL}`],
    "syncFolder step-1*",
  ]);
  expect(calls.slice(rename + 1)).toEqual([expect.stringMatching(/^syncFolder sealed-/)]);
});

it("replaces a folder of that name", async () => {
  await write("old");
  await write("new");
  expect(await readSealedFolder(folder)).toMatchObject({ content: "new" });
  expect(await readdir(root)).toEqual(["step-1"]);
});

it.each(["ENOSPC", "EIO"])(
  "leaves the old folder and nothing else where a call fails with %s",
  async (code) => {
    await write("old");
    const calls = await callsOf(() => write("old"));
    // From the first rename on the old one goes; what fails then is the next test's.
    const last = calls.findIndex((call) => call.startsWith("rename"));
    for (let number = 0; number < last; number++) {
      const message = await refusal(withDisk(failingDisk(number, code), () => write("new")));
      expect(message, calls[number]).toMatch(/the disk (is full|reported an error)/);
      expect(await readdir(root), calls[number]).toEqual(["step-1"]);
      expect(await readSealedFolder(folder)).toMatchObject({ content: "old" });
    }
  },
);

describe("shows", () => {
  beforeEach(() => write("new"));

  it("a flipped bit of each byte", async () => {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const whole = await readFile(path);
      for (let bit = 0; bit < 8 * whole.length; bit += 9) {
        const bytes = Buffer.from(whole);
        bytes[bit >> 3] ^= 1 << (bit & 7);
        await writeFile(path, bytes);
        const read = await readSealedFolder(folder).catch((error) => error);
        expect(read, `${name}, bit ${bit}`).toBeInstanceOf(Error);
      }
      await writeFile(path, whole);
    }
    await readSealedFolder(folder);
  });

  it.each(["a", "b", SEAL])("that %s is cut off or missing", async (name) => {
    await truncate(join(folder, name), 2);
    expect(await refusal(readSealedFolder(folder))).toContain(`${name} is missing or not as it was written`);
    await rm(join(folder, name));
    expect(await refusal(readSealedFolder(folder))).toContain(`${name} is missing`);
  });
});

it("is out of its name on the disk before anything of it goes", async () => {
  await write("new");
  expect(await callsOf(() => removeFolder(folder))).toEqual([
    "rename step-1 step-1*",
    expect.stringMatching(/^syncFolder sealed-/),
    "remove step-1*",
  ]);
});

it("removes a folder, and one that is not there", async () => {
  await write("new");
  await removeFolder(folder);
  await removeFolder(folder);
  expect(await readdir(root)).toEqual([]);
});
