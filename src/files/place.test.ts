import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { examinePlace } from "./place.ts";

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "place-"));
});
afterEach(() => rm(base, { recursive: true }));

it("is looked at where it is, or where it will be, and is not made", async () => {
  for (const folder of [base, join(base, "to", "come")]) {
    const place = await examinePlace(folder);
    expect(place).toMatchObject({ folder, writable: true });
    expect(place.free).toBeGreaterThan(0);
  }
  expect(await readdir(base)).toEqual([]);
});

it("is no place below a file", async () => {
  await writeFile(join(base, "file"), "");
  expect((await examinePlace(join(base, "file", "below"))).writable).toBe(false);
});
