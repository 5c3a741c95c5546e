/** The states that a power cut may leave, of logs so small that all of them can be told. */
import { expect, it } from "vitest";
import type { DiskOp } from "./disk-log.ts";
import { powerCuts } from "./power-cut.ts";

/** After all ops, each state as `name=content`, where a folder has no content. */
function statesOf(ops: readonly DiskOp[]): string[] {
  const cuts = [...powerCuts(ops, { seed: 1 })].filter(({ made }) => made.length === ops.length);
  const text = (bytes?: Uint8Array) => (bytes ? `=${Buffer.from(bytes).toString()}` : "/");
  return cuts.map(({ state }) => [...state].map(([name, bytes]) => name + text(bytes)).join(" ")).sort();
}

const ab = new TextEncoder().encode("ab");
const FILE: DiskOp[] = [
  { type: "link", folder: 0, name: "a", node: 1, isFolder: false },
  { type: "write", file: 1, bytes: ab },
];
const FLUSH: DiskOp[] = [
  { type: "syncFile", file: 1 },
  { type: "syncFolder", folder: 0 },
];
const MOVE: DiskOp = { type: "move", from: { folder: 0, name: "a" }, to: { folder: 0, name: "b" }, node: 1 };

it("have a file or not, whole, cut off or zeros, where nothing was flushed", () => {
  expect(new Set(statesOf(FILE))).toEqual(new Set(["", "a=", "a=a", "a=ab", "a=\0\0"]));
});

it("have its name or not where the file alone was flushed, its bytes or not where the name was", () => {
  expect(statesOf([...FILE, FLUSH[0]])).toEqual(["", "a=ab"]);
  expect(new Set(statesOf([...FILE, FLUSH[1]]))).toEqual(new Set(["a=", "a=ab", "a=\0\0"]));
});

it("are one where all was flushed", () => {
  expect(statesOf([...FILE, ...FLUSH])).toEqual(["a=ab"]);
  expect(statesOf([...FILE, ...FLUSH, MOVE, FLUSH[1]])).toEqual(["b=ab"]);
});

it("have the old name or the new one until the folder is flushed, and lose either change of two", () => {
  expect(statesOf([...FILE, ...FLUSH, MOVE])).toEqual(["a=ab", "b=ab"]);
  const folder: DiskOp = { type: "link", folder: 0, name: "c", node: 2, isFolder: true };
  expect(statesOf([...FILE, ...FLUSH, MOVE, folder])).toEqual(["a=ab", "a=ab c/", "b=ab", "b=ab c/"]);
});

it("zeros that are read stand where a block was lost before one that was not", () => {
  const pages = new Uint8Array(3 * 4096).fill(1);
  const cuts = [...powerCuts([FILE[0], { type: "write", file: 1, bytes: pages }, FLUSH[1]], { seed: 1 })];
  const holes = cuts.filter(({ state }) => state.get("a")?.[0] === 0 && state.get("a")?.at(-1) === 1);
  expect(holes.length).toBeGreaterThan(0);
});
