import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../util/errors.ts";
import { AppendedFile, cutLines } from "./appended-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-appended-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, "log");
const content = () => readFileSync(path(), "utf8");

describe("AppendedFile", () => {
  it("shows each text at once, before it is flushed or closed", () => {
    const file = new AppendedFile(path());
    file.append("one\n");
    expect(content()).toBe("one\n");
    file.append("zwei: ü\n");
    expect(content()).toBe("one\nzwei: ü\n");
    file.flush();
    file.close();
  });

  it("goes on with what is there, or begins anew", () => {
    writeFileSync(path(), "before\n");
    const more = new AppendedFile(path());
    more.append("after\n");
    more.close();
    expect(content()).toBe("before\nafter\n");
    new AppendedFile(path(), { fresh: true }).close();
    expect(content()).toBe("");
  });

  it("names the file that cannot be opened", () => {
    expect(() => new AppendedFile(folder)).toThrow(InputError);
    expect(() => new AppendedFile(join(folder, "none", "log"))).toThrow(/log: no such file or folder/);
  });
});

describe("cutLines", () => {
  it.each([
    ["before the first line that is not kept", "a\nb\nstop\nc\n", "a\nb\n"],
    ["a last line without an end", "a\nb", "a\n"],
    ["nothing where all are kept", "a\nü\n", "a\nü\n"],
    ["everything where the first is not kept", "stop\na\n", ""],
    ["nothing of an empty file", "", ""],
  ])("cuts %s", async (_what, before, after) => {
    writeFileSync(path(), before);
    await cutLines(path(), (line) => line !== "stop");
    expect(content()).toBe(after);
  });

  it("reads lines that lie across its chunks", async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `${i} ${"ö".repeat(40)}`);
    writeFileSync(path(), `${lines.join("\n")}\n`);
    const seen: string[] = [];
    await cutLines(path(), (line) => seen.push(line) <= 2500);
    expect(seen).toEqual(lines.slice(0, 2501));
    expect(content()).toBe(`${lines.slice(0, 2500).join("\n")}\n`);
  });

  it("leaves a file that is not there", async () => {
    await cutLines(path(), () => true);
    expect(() => content()).toThrow("ENOENT");
  });
});
