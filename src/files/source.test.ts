import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ByteSource, openSource } from "./source.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "source-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function bytesOf(source: ByteSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("openSource", () => {
  it("reads a file as often as asked, in chunks that stay as they were", async () => {
    const content = Buffer.from(Array.from({ length: 600_000 }, (_, i) => i % 251));
    await writeFile(join(folder, "a"), content);
    const source = await openSource(join(folder, "a"));
    expect(source).toMatchObject({ name: join(folder, "a"), size: 600_000 });
    expect((await bytesOf(source)).equals(content)).toBe(true);
    expect((await bytesOf(source)).equals(content)).toBe(true);
  });

  it("lets a reader stop early", async () => {
    await writeFile(join(folder, "a"), Buffer.alloc(1_000_000));
    const source = await openSource(join(folder, "a"));
    for await (const chunk of source.open()) {
      expect(chunk.length).toBeLessThan(1_000_000);
      break;
    }
    expect(await bytesOf(source)).toHaveLength(1_000_000);
  });

  it("reads an empty file", async () => {
    await writeFile(join(folder, "a"), "");
    expect(await bytesOf(await openSource(join(folder, "a")))).toHaveLength(0);
  });

  it("reads a pipe once, and standard input under its name", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const source = await openSource(pipe);
    expect(source.size).toBeUndefined();
    const [read] = await Promise.all([bytesOf(source), writeFile(pipe, "through")]);
    expect(read.toString()).toBe("through");
    expect(() => source.open()).toThrow(/pipe can be read only once/);
    expect((await openSource("-")).name).toBe("standard input");
  });

  it("suggests a file of a similar name where one is missing", async () => {
    await writeFile(join(folder, "train.tsv"), "");
    const error: Error = await openSource(join(folder, "trian.tsv")).catch((e) => e);
    expect(error.name).toBe("InputError");
    expect(error.message).toBe(
      `${join(folder, "trian.tsv")}: no such file.\nDid you mean ${join(folder, "train.tsv")}?`,
    );
  });

  it("says what is there where no name is similar", async () => {
    await expect(openSource(join(folder, "x"))).rejects.toThrow(/no such file\.\nThat folder is empty/);
    for (const name of ["a1", "a2", "a3", "a4", "a5", ".hidden"]) await writeFile(join(folder, name), "");
    await expect(openSource(join(folder, "something"))).rejects.toThrow(
      /That folder holds a1, a2, a3, a4, …\./,
    );
    await expect(openSource(join(folder, "none", "x"))).rejects.toThrow(/there is no folder/);
  });

  it("refuses a folder and a path through a file", async () => {
    await mkdir(join(folder, "data"));
    await writeFile(join(folder, "data", "train.csv"), "");
    await expect(openSource(join(folder, "data"))).rejects.toThrow(
      /this is a folder.*\nThat folder holds train\.csv\./,
    );
    await expect(openSource(join(folder, "data", "train.csv", "x"))).rejects.toThrow(
      /is a file, not a folder/,
    );
  });

  it("tells of a file that goes while it is to be read", async () => {
    await writeFile(join(folder, "a"), "x");
    const source = await openSource(join(folder, "a"));
    await rm(join(folder, "a"));
    await expect(bytesOf(source)).rejects.toThrow(/a: no such file or folder/);
  });
});
