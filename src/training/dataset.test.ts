/** Inputs as they are opened: what they are called, and what is hashed of a pipe. */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { InputHash } from "../files/input-hash.ts";
import { openBytes, openInput } from "./dataset.ts";

it("messages name standard input and rows in words", async () => {
  expect((await openInput("-")).name).toBe("standard input");
  expect((await openInput([])).name).toBe("rows in memory");
});

it("a pipe whose head is looked at is hashed once and whole", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bertwright-pipe-"));
  try {
    const [file, pipe] = [join(folder, "file"), join(folder, "pipe")];
    const content = "a line of text\n".repeat(50_000);
    writeFileSync(file, content);
    execFileSync("mkfifo", [pipe]);
    spawn("sh", ["-c", 'cat "$0" > "$1"', file, pipe]);
    const hash = new InputHash();
    const source = await openBytes(pipe, hash);
    for await (const _head of source.open()) break;
    let length = 0;
    for await (const chunk of source.open()) length += chunk.length;
    expect(length).toBe(content.length);
    expect(await hash.digest(pipe)).toBe(createHash("sha256").update(content).digest("hex"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
