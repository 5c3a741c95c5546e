/** What is recorded of calls to a disk: names, bytes as they were then, flushes, and everything that a removal takes. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DiskLog, type DiskOp, ROOT } from "./disk-log.ts";
import { stateOf, writeState, writtenFiles } from "./disk-state.ts";

let root: string;
let log: DiskLog;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "disk-log-"));
  log = new DiskLog(root);
});
afterEach(() => rmSync(root, { recursive: true }));

/** Makes the folder `name`, with the file `a` in it that holds 1, 2, 3. */
async function makeFolderWithFile(name: string): Promise<void> {
  const { disk } = log;
  await disk.makeFolder(join(root, name));
  const file = await disk.create(join(root, name, "a"));
  const bytes = Uint8Array.of(1, 2, 3);
  await file.write(bytes);
  bytes.fill(9); // what was written is not what the caller has later
  await file.sync();
  await file.close();
  await disk.syncFolder(join(root, name));
}

const made: DiskOp[] = [
  { type: "link", folder: ROOT, name: "new", node: 1, isFolder: true },
  { type: "link", folder: 1, name: "a", node: 2, isFolder: false },
  { type: "write", file: 2, bytes: Uint8Array.of(1, 2, 3) },
  { type: "syncFile", file: 2 },
  { type: "syncFolder", folder: 1 },
];

it("names, bytes and flushes are, by the number of their file or folder", async () => {
  await makeFolderWithFile("new");
  await log.disk.rename(join(root, "new"), join(root, "step"));
  await log.disk.syncFolder(root);
  log.mark("done");
  const [from, to] = ["new", "step"].map((name) => ({ folder: ROOT, name }));
  expect(log.ops).toEqual([
    ...made,
    { type: "move", from, to, node: 1 },
    { type: "syncFolder", folder: ROOT },
    { type: "mark", name: "done" },
  ]);
});

it("a removal is one change for each name that goes", async () => {
  await makeFolderWithFile("new");
  await log.disk.remove(join(root, "new"));
  await log.disk.remove(join(root, "never"));
  expect(log.ops.slice(made.length)).toEqual([
    { type: "unlink", folder: 1, name: "a" },
    { type: "unlink", folder: ROOT, name: "new" },
  ]);
});

it("a call that fails changed nothing", async () => {
  await makeFolderWithFile("new");
  await expect(log.disk.makeFolder(join(root, "new"))).rejects.toThrow("EEXIST");
  await expect(log.disk.rename(join(root, "none"), join(root, "b"))).rejects.toThrow("ENOENT");
  expect(log.ops).toEqual(made);
});

it("written again it is what the disk has", async () => {
  await makeFolderWithFile("one");
  await makeFolderWithFile("two");
  await log.disk.rename(join(root, "one"), join(root, "three"));
  const files = writtenFiles(log.ops);
  const copy = join(root, "copy");
  mkdirSync(copy);
  const bytesOf = (file: number) => files.get(file)!.bytes;
  writeState(stateOf(log.ops, new Set(), bytesOf), copy);
  expect(readdirSync(copy, { recursive: true }).sort()).toEqual(["three", "three/a", "two", "two/a"]);
  expect([...readFileSync(join(copy, "three", "a"))]).toEqual([1, 2, 3]);
});
