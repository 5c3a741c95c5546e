/** Scratch files: what is written comes back, nothing stays behind, and what a disk refuses is said. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDescriptors, openSizes } from "../../test/helpers/scratch.ts";
import { InputError } from "../util/errors.ts";
import { hash32 } from "../util/random.ts";
import { scratchFolder } from "./hub/environment.ts";
import { ScratchFiles } from "./scratch-files.ts";

/** What the calls of `node:fs` throw, where they throw, and how much they take at a time. */
const disk = vi.hoisted(() => ({ error: undefined as string | undefined, atOnce: Number.POSITIVE_INFINITY }));

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  type Call = (file: number, bytes: Uint8Array, at: number, length: number, position: number) => number;
  const through =
    (call: Call): Call =>
    (file, bytes, at, length, position) => {
      if (disk.error !== undefined) throw Object.assign(new Error(disk.error), { code: disk.error });
      return call(file, bytes, at, Math.min(length, disk.atOnce), position);
    };
  return { ...fs, writeSync: through(fs.writeSync), readSync: through(fs.readSync) };
});

let folder: string;
let scratch: ScratchFiles;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scratch-"));
  scratch = new ScratchFiles(folder);
});
afterEach(() => {
  Object.assign(disk, { error: undefined, atOnce: Number.POSITIVE_INFINITY });
  scratch.close();
  rmSync(folder, { recursive: true });
});

const bytesOf = (seed: number, length: number) => Uint8Array.from({ length }, (_, i) => hash32(seed, i));

describe("a scratch file", () => {
  it.each([Number.POSITIVE_INFINITY, 7])("gives back what was appended (%d bytes a call)", (atOnce) => {
    disk.atOnce = atOnce;
    const file = scratch.create();
    const parts = [bytesOf(1, 1000), new Uint8Array(0), bytesOf(2, 1), bytesOf(3, 100_000)];
    for (const part of parts) file.append(part);
    const all = Buffer.concat(parts);
    for (const [position, length] of [
      [0, 101_001],
      [999, 3],
      [100_000, 1001],
      [5, 0],
      [101_001, 0],
    ]) {
      const target = new Uint8Array(length);
      file.read(position, target);
      expect(
        Buffer.compare(target, all.subarray(position, position + length)),
        `${length} at ${position}`,
      ).toBe(0);
    }
    expect(() => file.read(101_000, new Uint8Array(2))).toThrow("internal: bytes beyond 101001");
  });

  it("can be used anew, and its room is given back", () => {
    const file = scratch.create();
    file.append(bytesOf(1, 100_000));
    file.clear();
    expect(openSizes(folder) ?? [0]).toEqual([0]);
    expect(() => file.read(0, new Uint8Array(1))).toThrow("internal: bytes beyond 0");
    file.append(bytesOf(2, 10));
    const target = new Uint8Array(10);
    file.read(0, target);
    expect(target).toEqual(bytesOf(2, 10));
    expect(() => file.read(0, new Uint8Array(11))).toThrow("internal: bytes beyond 10");
  });

  it("has no name, so that nothing of a killed process stays", () => {
    scratch.create().append(bytesOf(1, 10));
    scratch.create().append(bytesOf(2, 10));
    expect(readdirSync(folder)).toEqual([]);
  });

  it("has nothing to do with another one", () => {
    const files = [scratch.create(), scratch.create()];
    for (const [i, file] of files.entries()) file.append(bytesOf(i, 10));
    files.forEach((file, i) => {
      const target = new Uint8Array(10);
      file.read(0, target);
      expect(target).toEqual(bytesOf(i, 10));
    });
  });

  it("is closed with the others", () => {
    scratch.create();
    scratch.create();
    const before = openDescriptors(folder);
    scratch.close();
    if (before !== undefined) expect([before, openDescriptors(folder)]).toEqual([2, 0]);
    scratch.close(); // nothing is closed twice: a number may be another file's by now
  });

  it("makes its folder when it is needed", () => {
    const deep = new ScratchFiles(join(folder, "a", "b"));
    expect(readdirSync(folder)).toEqual([]);
    deep.create().append(bytesOf(1, 3));
    deep.close();
    expect(readdirSync(join(folder, "a", "b"))).toEqual([]);
  });
});

describe("says what the disk refuses", () => {
  const refusal = (call: () => void): string => {
    try {
      call();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      const { message } = error as Error;
      expect(message.split("\n").length).toBeLessThanOrEqual(3);
      expect(message).toContain("TMPDIR names another folder");
      return message;
    }
    throw new Error("no refusal");
  };

  it.each([
    ["ENOSPC", /the disk is full: [\d.]+ [kMGT]?B free/],
    ["EDQUOT", /the disk is full/],
    ["EIO", /the disk reported an error/],
  ])("in writing: %s", (code, message) => {
    const file = scratch.create();
    disk.error = code;
    const said = refusal(() => file.append(bytesOf(1, 10)));
    expect(said).toMatch(message);
    expect(said.startsWith(folder)).toBe(true);
  });

  it("in reading", () => {
    const file = scratch.create();
    file.append(bytesOf(1, 10));
    disk.error = "EIO";
    expect(refusal(() => file.read(0, new Uint8Array(10)))).toContain("the disk reported an error");
  });

  it("and that a file ends early", () => {
    const file = scratch.create();
    file.append(bytesOf(1, 10));
    disk.atOnce = 0;
    expect(refusal(() => file.read(0, new Uint8Array(10)))).toContain("the disk reported an error");
  });

  it("and that its folder is a file", () => {
    writeFileSync(join(folder, "file"), "");
    for (const place of [join(folder, "file"), join(folder, "file", "deeper")]) {
      expect(refusal(() => new ScratchFiles(place).create())).toContain("is a file, not a folder");
    }
  });
});

describe("their folder", () => {
  it.each([
    [{ TMPDIR: "/large", HOME: "/home/a" }, "/large"],
    [{ TMPDIR: "~/large", HOME: "/home/a" }, "/home/a/large"],
    [{ TMPDIR: "", HOME: "/home/a" }, "/home/a/.cache/bertwright/scratch"],
    [{ XDG_CACHE_HOME: "/cache", HOME: "/home/a" }, "/cache/bertwright/scratch"],
  ])("of %j", (env, expected) => {
    expect(scratchFolder(env)).toBe(join(expected));
  });
});
