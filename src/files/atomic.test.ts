import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import ts from "typescript";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFileAtomic, writeFilesAtomic } from "./atomic.ts";
import { finished, removeAbandoned, temporaryName, unfinishedUntilSaid } from "./temporary-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "atomic-"));
});
afterEach(() => rm(folder, { recursive: true }));

const text = (name: string) => readFile(join(folder, name), "utf8");
const systemError = (code: string) => Object.assign(new Error(code), { code });

/** Content that breaks off after its first part. */
async function* breaking(error: Error): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("half");
  throw error;
}

describe("writeFileAtomic", () => {
  it("writes strings, bytes, and parts as they come", async () => {
    const bytes = new TextEncoder().encode("bytes");
    await writeFileAtomic(join(folder, "a"), "text é");
    await writeFileAtomic(join(folder, "b"), bytes);
    await writeFileAtomic(join(folder, "c"), [bytes, new Uint8Array(), bytes.subarray(1, 3)]);
    await writeFileAtomic(join(folder, "d"), "");
    expect([await text("a"), await text("b"), await text("c"), await text("d")]).toEqual([
      "text é",
      "bytes",
      "bytesyt",
      "",
    ]);
    expect(await readdir(folder)).toEqual(["a", "b", "c", "d"]);
  });

  it("keeps the old content and no rest of the new one when the content breaks off", async () => {
    await writeFile(join(folder, "a"), "old");
    await expect(writeFileAtomic(join(folder, "a"), breaking(new Error("stop")))).rejects.toThrow("stop");
    expect(await text("a")).toBe("old");
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("says what a full disk lacked", async () => {
    const write = writeFileAtomic(join(folder, "a"), breaking(systemError("ENOSPC")), { size: 83_500_000 });
    await expect(write).rejects.toThrow(
      /a: the disk is full: 83\.5 MB needed, [\d.]+ [kMGT]?B free\.\nFree some space/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ["EACCES", /permission denied/],
    ["EROFS", /read-only/],
    ["EDQUOT", /the disk is full/],
    ["EIO", /the disk reported an error/],
  ])("says what %s means", async (code, message) => {
    await expect(writeFileAtomic(join(folder, "a"), breaking(systemError(code)))).rejects.toThrow(message);
  });

  it("refuses a folder, a missing folder and a file for a folder", async () => {
    await mkdir(join(folder, "sub", "deep"), { recursive: true });
    await writeFile(join(folder, "file"), "");
    await expect(writeFileAtomic(join(folder, "sub"), "x")).rejects.toThrow(/this is a folder/);
    await expect(writeFileAtomic(join(folder, "none", "a"), "x")).rejects.toThrow(/no such file or folder/);
    await expect(writeFileAtomic(join(folder, "file", "a"), "x")).rejects.toThrow(/is a file, not a folder/);
    expect(await readdir(folder)).toEqual(["file", "sub"]);
  });
});

describe("writeFilesAtomic", () => {
  it("replaces all files and makes the folders that names mention", async () => {
    await writeFile(join(folder, "config.json"), "old");
    await writeFilesAtomic(folder, [
      { name: "onnx/model.onnx", content: "graph" },
      { name: "config.json", content: "new" },
    ]);
    expect([await text("onnx/model.onnx"), await text("config.json")]).toEqual(["graph", "new"]);
    expect(await readdir(folder)).toEqual(["config.json", "onnx"]);
  });

  it("changes nothing when one content breaks off", async () => {
    await writeFile(join(folder, "weights"), "old");
    await writeFile(join(folder, "config.json"), "old");
    const files = [
      { name: "weights", content: "new" },
      { name: "config.json", content: breaking(new Error("stop")) },
    ];
    await expect(writeFilesAtomic(folder, files)).rejects.toThrow("stop");
    expect([await text("weights"), await text("config.json")]).toEqual(["old", "old"]);
    expect(await readdir(folder)).toEqual(["config.json", "weights"]);
  });

  it("leaves the folder without its last file when a rename in between fails", async () => {
    await writeFile(join(folder, "a"), "old");
    await writeFile(join(folder, "config.json"), "old");
    await mkdir(join(folder, "b"));
    const files = ["a", "b", "config.json"].map((name) => ({ name, content: "new" }));
    await expect(writeFilesAtomic(folder, files)).rejects.toThrow(/b: this is a folder/);
    expect(await readdir(folder)).toEqual(["a", "b"]);
  });
});

describe("a process that ends while it writes", () => {
  /** Runs a program that writes `model`, tells us when half is written, then does `then`; resolves at its end. */
  async function runWriter(then: string): Promise<string[]> {
    const files = ["atomic", "disk", "io-errors", "new-file", "temporary-files"];
    for (const name of [...files.map((file) => `files/${file}`), "util/errors"]) {
      const source = await readFile(join(import.meta.dirname, "..", `${name}.ts`), "utf8");
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: {
          module: ts.ModuleKind.ES2022,
          target: ts.ScriptTarget.ES2022,
          rewriteRelativeImportExtensions: true,
        },
      });
      await mkdir(join(folder, "program", dirname(name)), { recursive: true });
      await writeFile(join(folder, "program", `${name}.js`), outputText);
    }
    await writeFile(join(folder, "program", "package.json"), '{ "type": "module" }');
    const main = join(folder, "program", "main.js");
    await writeFile(
      main,
      `import { writeFileAtomic } from "./files/atomic.js";
      async function* content() {
        yield new Uint8Array(1000);
        await new Promise((resolve) => process.send("half", resolve));
        ${then};
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      }
      await writeFileAtomic(${JSON.stringify(join(folder, "model"))}, content());`,
    );
    const child = fork(main, { execArgv: [] });
    let seen: string[] = [];
    child.once("message", async () => {
      seen = await readdir(folder);
    });
    await once(child, "exit");
    return seen;
  }

  it("removes its temporary file when it exits", async () => {
    await writeFile(join(folder, "model"), "old");
    const seen = await runWriter("setTimeout(() => process.exit(130), 100)");
    expect(seen.filter((name) => name.endsWith(".tmp"))).toHaveLength(1);
    expect(await readdir(folder)).toEqual(["model", "program"]);
    expect(await text("model")).toBe("old");
  });

  it("leaves one that the next run removes when it is killed", async () => {
    await writeFile(join(folder, "model"), "old");
    await runWriter("process.kill(process.pid, 'SIGKILL')");
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toHaveLength(1);
    expect(await text("model")).toBe("old");
    await removeAbandoned(folder, new Set(["other"]));
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toHaveLength(1);
    await removeAbandoned(folder, new Set(["model"]));
    expect(await readdir(folder)).toEqual(["model", "program"]);
  });

  it("keeps what is being written, by this process or another that lives", async () => {
    const own = temporaryName(join(folder, "model"));
    const other = own.replace(`.${process.pid}-`, `.${process.ppid}-`);
    await Promise.all([own, other].map((path) => writeFile(path, "half")));
    unfinishedUntilSaid(own);
    await removeAbandoned(relative(".", folder), new Set(["model"]));
    expect((await readdir(folder)).sort()).toEqual([own, other].map((path) => basename(path)).sort());
    // What could not be removed is no longer written by anybody.
    finished(own);
    await removeAbandoned(folder, new Set(["model"]));
    expect(await readdir(folder)).toEqual([basename(other)]);
  });
});
