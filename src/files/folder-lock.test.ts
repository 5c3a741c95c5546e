/** One process at a time, and none after its end. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { refusal } from "../../test/helpers/refusal.ts";
import { failingDisk } from "../../test/helpers/watched-disk.ts";
import { withDisk } from "./disk.ts";
import { lockFolder } from "./folder-lock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("refuses a second holder by the number of the first, until that is done", async () => {
  const unlock = await lockFolder(folder);
  const message = await refusal(lockFolder(folder));
  expect(message).toContain(`${folder}: another training writes to this folder (process ${process.pid}).`);
  await unlock();
  expect(await readdir(folder)).toEqual([]);
  await (await lockFolder(folder))();
});

it("is given back where the disk does not remove its file, and that is said", async () => {
  const unlock = await lockFolder(folder);
  expect(await refusal(withDisk(failingDisk(0, "EIO"), unlock))).toContain("the disk reported an error");
  await (await lockFolder(folder))();
});

it("ends with a process that is killed", async () => {
  // flock as any other program has it: what our own code does with it is above.
  const program = join(folder, "holder.mjs");
  const koffi = import.meta.resolve("koffi");
  await writeFile(
    program,
    `import { openSync, writeSync } from "node:fs";
    import koffi from ${JSON.stringify(koffi)};
    const file = openSync(${JSON.stringify(join(folder, ".lock"))}, "a+");
    if (koffi.load(null).func("int flock(int, int)")(file, 6) !== 0) process.exit(1);
    writeSync(file, String(process.pid));
    process.send("locked");
    setInterval(() => {}, 1000);`,
  );
  const child = fork(program, { execArgv: [] });
  await once(child, "message");
  expect(await refusal(lockFolder(folder))).toContain(`(process ${child.pid})`);
  child.kill("SIGKILL");
  await once(child, "exit");
  await (await lockFolder(folder))();
});

it("takes a file that a killed process left, whatever its number says", async () => {
  await writeFile(join(folder, ".lock"), `${process.ppid}\n`);
  await (await lockFolder(folder))();
});
