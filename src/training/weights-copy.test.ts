/** The copy of the best weights: what was copied comes back, by way of a file or, where the disk refuses, of memory. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openSizes } from "../../test/helpers/scratch.ts";
import { safetensorsFile, writeSafetensors } from "../files/checkpoint.ts";
import { hashFile } from "../files/hash.ts";
import { type ScratchFile, ScratchFiles } from "../files/scratch-files.ts";
import type { ParameterSpec } from "../model/parameters.ts";
import { InputError } from "../util/errors.ts";
import type { TrainingEvent } from "./events.ts";
import { ParameterStore } from "./parameter-store.ts";
import { WeightsCopy } from "./weights-copy.ts";

const spec = (name: string, dims: number[], table = false): ParameterSpec => ({
  name,
  dims,
  initializer: "normal",
  table,
});
/** The largest is read in two stretches, the second of which is short. */
const SPECS = [spec("words", [2_100_000], true), spec("a.weight", [64, 64]), spec("a.bias", [64])];

let folder: string;
let files: ScratchFiles;
let told: TrainingEvent[];
const stores: ParameterStore[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "copy-"));
  files = new ScratchFiles(join(folder, "scratch"));
  told = [];
});
afterEach(() => {
  for (const store of stores.splice(0)) store.end();
  files.close();
  rmSync(folder, { recursive: true });
});

/** In memory that threads share, as a run's is. */
async function filledStore(frozen: string[] = [], rounded: string[] = []): Promise<ParameterStore> {
  const sets = { frozen: new Set(frozen), rounded: new Set(rounded) };
  const options = { training: true, ...sets, batchBytes: 0, threads: 2 };
  const store = await ParameterStore.create(SPECS, options);
  stores.push(store);
  fill(store, 0);
  return store;
}

/** Numbers that no two of an array share. */
function fill(store: ParameterStore, from: number): void {
  for (const [i, { weight }] of store.parameters.entries())
    for (let k = 0; k < weight.length; k++) weight[k] = from + 4_000_000 * i + k;
}

const copyOf = (store: ParameterStore) => new WeightsCopy(store, files, (event) => told.push(event));
const copyTo = (file: Partial<ScratchFile>, store: ParameterStore) =>
  new WeightsCopy(store, { create: () => file } as unknown as ScratchFiles, (event) => told.push(event));

/** SHA-256 of the weights that are in the store. */
function bitsOf(store: ParameterStore): string {
  const hash = createHash("sha256");
  for (const { weight } of store.parameters) hash.update(weight);
  return hash.digest("hex");
}

/** SHA-256 of the safetensors file that the copy makes. */
function fileOf(copy: WeightsCopy): string {
  const hash = createHash("sha256");
  for (const part of safetensorsFile("best", copy.tensors()).content as Iterable<Uint8Array>)
    hash.update(part);
  return hash.digest("hex");
}

/** The same of the weights that are in the store. */
async function fileOfStore(store: ParameterStore): Promise<string> {
  const path = join(folder, "straight.safetensors");
  const tensors = store.parameters.map(({ spec, weight }) => ({
    name: spec.name,
    shape: spec.dims,
    data: weight,
  }));
  await writeSafetensors(path, tensors);
  return hashFile(path);
}

describe.each([
  ["in a file", false],
  ["in memory, where the disk refuses", true],
])("a copy %s", (_where, refuses) => {
  beforeEach(() => {
    if (refuses) writeFileSync(join(folder, "scratch"), "no folder");
  });

  it("comes back to the bit, what is kept in bf16 with it", async () => {
    const store = await filledStore([], ["a.weight"]);
    store.round();
    const before = bitsOf(store);
    const rounded = store.get("a.weight").rounded.slice();
    const copy = copyOf(store);
    await copy.take();
    fill(store, 100_000);
    store.round();
    expect(store.get("a.weight").rounded).not.toEqual(rounded);
    await copy.restore();
    expect(bitsOf(store)).toBe(before);
    expect(store.get("a.weight").rounded).toEqual(rounded);
  });

  it("takes the place of the one before", async () => {
    const store = await filledStore();
    const copy = copyOf(store);
    await copy.take();
    fill(store, 7);
    const second = bitsOf(store);
    await copy.take();
    fill(store, 11);
    await copy.restore();
    expect(bitsOf(store)).toBe(second);
  });

  it("makes the file that its weights would have made", async () => {
    const store = await filledStore();
    const expected = await fileOfStore(store);
    const copy = copyOf(store);
    await copy.take();
    fill(store, 7);
    expect(await fileOfStore(store)).not.toBe(expected);
    expect(fileOf(copy)).toBe(expected);
  });

  it("leaves out what is frozen, which a file has all the same", async () => {
    const store = await filledStore(["words"]);
    const expected = await fileOfStore(store);
    const copy = copyOf(store);
    await copy.take();
    store.get("a.weight").weight.fill(1);
    expect(fileOf(copy)).toBe(expected);
    store.get("words").weight.fill(3);
    await copy.restore();
    expect(store.get("words").weight[0]).toBe(3);
    expect(store.get("a.weight").weight[5]).toBe(4_000_005);
  });

  it("says once, and in one line, that it is in memory", async () => {
    const store = await filledStore();
    const copy = copyOf(store);
    await copy.take();
    await copy.take();
    const path = join(folder, "scratch", "scratch");
    const message = `${path}: a part of this path is a file, not a folder. The best weights stay in memory, 8.4 MB; TMPDIR names another folder.`;
    expect(told).toEqual(refuses ? [{ type: "warning", message }] : []);
  });
});

describe("a disk that is full by the second copy", () => {
  it("gets its room back, and what is copied is in memory", async () => {
    const file = files.create();
    let calls = 0;
    const full: Partial<ScratchFile> = {
      append: (bytes) => {
        if (++calls === SPECS.length + 2) throw new InputError("full.\nTake another.");
        file.append(bytes);
      },
      clear: () => file.clear(),
    };
    const store = await filledStore();
    const copy = copyTo(full, store);
    await copy.take();
    fill(store, 7);
    const second = bitsOf(store);
    await copy.take();
    fill(store, 11);
    expect(told).toEqual([
      { type: "warning", message: expect.stringMatching(/^full. The best weights stay in memory, /) },
    ]);
    expect(openSizes(join(folder, "scratch")) ?? [0]).toEqual([0]);
    await copy.restore();
    expect(bitsOf(store)).toBe(second);
  });
});

describe("an error", () => {
  const thrown = (code: string, more: object = {}) =>
    Object.assign(new Error(`${code}: some fault`), { code, ...more });
  const fail = (error: Error) => () => {
    throw error;
  };

  it("of the system in copying is told, even where the file cannot be emptied after it", async () => {
    const stale = fail(thrown("ESTALE", { syscall: "write" }));
    const clear = vi.fn<() => void>(fail(thrown("EROFS", { syscall: "ftruncate" })));
    clear.mockImplementationOnce(() => {});
    const store = await filledStore();
    const copy = copyTo({ append: stale, clear }, store);
    const before = bitsOf(store);
    await copy.take();
    fill(store, 7);
    await copy.restore();
    expect(bitsOf(store)).toBe(before);
    expect(told).toEqual([
      { type: "warning", message: expect.stringMatching(/^ESTALE: some fault. The best weights/) },
    ]);
  });

  it.each([
    ["without a code", new Error("internal: a fault of ours")],
    ["with a code of Node's", thrown("ERR_OUT_OF_RANGE")],
  ])("of ours in copying is thrown (%s)", async (_which, error) => {
    const copy = copyTo({ append: fail(error), clear: () => {} }, await filledStore());
    await expect(copy.take()).rejects.toBe(error);
    expect(told).toEqual([]);
  });

  it("in reading is thrown: nothing else has the copy", async () => {
    const error = new InputError("the disk reported an error");
    const store = await filledStore();
    const copy = copyTo({ append: () => {}, clear: () => {}, read: fail(error) }, store);
    await copy.take();
    await expect(copy.restore()).rejects.toBe(error);
    expect(() => fileOf(copy)).toThrow(error);
  });

  it("is what is asked for before anything was copied", async () => {
    await expect(copyOf(await filledStore()).restore()).rejects.toThrow("internal: no weights were copied");
  });
});

it("a copy lets others have their turn, between the stretches of a tensor as well", async () => {
  const store = await ParameterStore.create([spec("words", [5_000_000], true)], {
    training: false,
    batchBytes: 0,
  });
  const copy = copyOf(store);
  let turns = 0;
  const count = () => {
    turns++;
    waiting = setImmediate(count);
  };
  let waiting = setImmediate(count);
  await copy.take();
  clearImmediate(waiting);
  expect(turns).toBeGreaterThanOrEqual(2); // 20 MB
});
