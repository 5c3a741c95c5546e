import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkpoint, openCheckpoint, safetensorsFile, writeSafetensors } from "./checkpoint.ts";

const FIXTURES = join(import.meta.dirname, "../../test/fixtures/safetensors");
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "checkpoint-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function withCheckpoint<T>(use: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
  const checkpoint = await openCheckpoint(folder);
  return use(checkpoint).finally(() => checkpoint.close());
}

async function read(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const into = new Float32Array(checkpoint.tensors.get(name)!.shape.reduce((a, b) => a * b, 1));
  await checkpoint.readFloat32(name, into);
  return into;
}

describe("openCheckpoint, one file", () => {
  beforeEach(() => cp(join(FIXTURES, "types.safetensors"), join(folder, "model.safetensors")));

  it("reads what the reference writer wrote, each float type to the bit", async () => {
    const expected: Record<string, number[]> = JSON.parse(
      await readFile(join(FIXTURES, "types.json"), "utf8"),
    );
    await withCheckpoint(async (checkpoint) => {
      for (const [name, bits] of Object.entries(expected)) {
        const values = await read(checkpoint, name);
        expect([...new Int32Array(values.buffer)], name).toEqual(bits);
      }
      expect(checkpoint.metadata).toEqual({ format: "pt" });
      expect(checkpoint.tensors.get("f32")).toMatchObject({ dtype: "F32", shape: [2, 5] });
    });
  });

  it("reads into WebAssembly memory and nowhere beside", async () => {
    const memory = new Float32Array(new WebAssembly.Memory({ initial: 1 }).buffer).fill(9, 0, 20);
    await withCheckpoint((checkpoint) => checkpoint.readFloat32("f32", memory.subarray(4, 14)));
    expect(memory[3]).toBe(9);
    expect([...memory.subarray(6, 8)]).toEqual([1, -2.5]);
    expect(memory[14]).toBe(9);
  });

  it("shows integer tensors and refuses to read them as floats", async () => {
    await withCheckpoint(async (checkpoint) => {
      expect(checkpoint.tensors.get("position_ids")).toMatchObject({ dtype: "I64", shape: [1, 4] });
      await expect(checkpoint.readFloat32("position_ids", new Float32Array(4))).rejects.toThrow(
        /"position_ids" is I64; F32/,
      );
    });
  });

  it("takes a wrong name or length for a mistake of its caller", async () => {
    await withCheckpoint(async (checkpoint) => {
      await expect(checkpoint.readFloat32("nope", new Float32Array(1))).rejects.toThrow(
        /^internal: .*"nope"/,
      );
      await expect(checkpoint.readFloat32("f32", new Float32Array(9))).rejects.toThrow(
        /^internal: .*9 elements/,
      );
    });
  });

  it("notices a file that is cut off, when opened or afterwards", async () => {
    const path = join(folder, "model.safetensors");
    const checkpoint = await openCheckpoint(folder);
    const { length } = await readFile(path);
    await truncate(path, length - 1);
    await expect(openCheckpoint(folder)).rejects.toThrow(
      `promises ${length} bytes, the file has ${length - 1}`,
    );
    const last = [...checkpoint.tensors.keys()];
    await expect(
      Promise.all(last.filter((name) => name !== "position_ids").map((name) => read(checkpoint, name))),
    ).rejects.toThrow(/cut off at/);
    await checkpoint.close();
    for (const size of [20, 5, 0]) {
      await truncate(path, size);
      await expect(openCheckpoint(folder)).rejects.toThrow(/model\.safetensors: cut off/);
    }
  });
});

it("converts tensors that are larger than a chunk", async () => {
  const count = 700_001; // half floats: one chunk of 1 MiB and a part
  const header = JSON.stringify({ w: { dtype: "BF16", shape: [count], data_offsets: [0, 2 * count] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Uint16Array.from({ length: count }, (_, i) => 0x3f80 + (i % 127));
  await writeFile(join(folder, "model.safetensors"), [
    length,
    Buffer.from(header),
    new Uint8Array(data.buffer),
  ]);
  const values = await withCheckpoint((checkpoint) => read(checkpoint, "w"));
  expect(values.findIndex((value, i) => value !== 1 + (i % 127) / 128)).toBe(-1);
});

describe("openCheckpoint, shards", () => {
  const index = (map: unknown) =>
    writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));

  beforeEach(async () => {
    await writeSafetensors(join(folder, "a.safetensors"), [
      { name: "x", shape: [2], data: Float32Array.of(1, 2) },
    ]);
    await writeSafetensors(join(folder, "b.safetensors"), [
      { name: "y", shape: [1], data: Float32Array.of(3) },
      { name: "z", shape: [1], data: Float32Array.of(4) },
    ]);
  });

  it("finds each tensor in its file", async () => {
    await index({ x: "a.safetensors", y: "b.safetensors", z: "b.safetensors" });
    await withCheckpoint(async (checkpoint) => {
      expect([...checkpoint.tensors.keys()]).toEqual(["x", "y", "z"]);
      expect([...(await read(checkpoint, "x")), ...(await read(checkpoint, "z"))]).toEqual([1, 2, 4]);
    });
  });

  it.each([
    [{ x: "b.safetensors" }, /b\.safetensors: tensor "x" is missing/],
    [{ x: "c.safetensors" }, /c\.safetensors: no such file/],
    [{ x: "../a.safetensors" }, /not a safetensors file of this folder/],
    [{ x: "/etc/a.safetensors" }, /not a safetensors file of this folder/],
    [{ x: 1 }, /"x" is in 1, not/],
    [{}, /weight_map is missing or empty/],
    [undefined, /weight_map is missing or empty/],
    [
      Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`t${i}`, `s${i}.safetensors`])),
      /501 files, the limit is 500/,
    ],
  ])("refuses the index %j", async (map, message) => {
    await index(map);
    await expect(openCheckpoint(folder)).rejects.toThrow(message);
  });
});

describe("openCheckpoint without safetensors", () => {
  it("says how to convert weights of another format", async () => {
    await writeFile(join(folder, "pytorch_model.bin"), "");
    const error: Error = await openCheckpoint(folder).catch((e) => e);
    expect(error.message).toMatch(/the weights are in pytorch_model\.bin/);
    expect(error.message).toContain(`save_pretrained(${JSON.stringify(folder)})`);
    expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
  });

  it("tells an empty folder from one that is not there", async () => {
    await expect(openCheckpoint(folder)).rejects.toThrow(/model\.safetensors is missing/);
    await expect(openCheckpoint(join(folder, "x"))).rejects.toThrow(/no such folder/);
  });

  it("refuses a folder in the file's place", async () => {
    await mkdir(join(folder, "model.safetensors"));
    await expect(openCheckpoint(folder)).rejects.toThrow(/this is a folder/);
  });
});

describe("writeSafetensors", () => {
  it("writes the very bytes of the reference writer", async () => {
    await cp(join(FIXTURES, "float32.safetensors"), join(folder, "model.safetensors"));
    const tensors = await withCheckpoint((checkpoint) =>
      Promise.all(
        // In an order of ours: the writer sorts.
        [...checkpoint.tensors]
          .reverse()
          .map(async ([name, { shape }]) => ({ name, shape, data: await read(checkpoint, name) })),
      ),
    );
    await writeSafetensors(join(folder, "copy.safetensors"), tensors);
    expect(await readFile(join(folder, "copy.safetensors"))).toEqual(
      await readFile(join(FIXTURES, "float32.safetensors")),
    );
    expect(await readdir(folder)).toEqual(["copy.safetensors", "model.safetensors"]);
  });

  it("writes a view of a larger buffer as the view", async () => {
    const memory = Float32Array.of(9, 1, 2, 9);
    await writeSafetensors(
      join(folder, "model.safetensors"),
      [{ name: "w", shape: [2], data: memory.subarray(1, 3) }],
      { by: "test" },
    );
    await withCheckpoint(async (checkpoint) => {
      expect([...(await read(checkpoint, "w"))]).toEqual([1, 2]);
      expect(checkpoint.metadata).toEqual({ by: "test" });
    });
  });

  it.each([
    ["a shape of another size", [{ name: "w", shape: [3], data: new Float32Array(2) }]],
    [
      "a name twice",
      [
        { name: "w", shape: [1], data: new Float32Array(1) },
        { name: "w", shape: [1], data: new Float32Array(1) },
      ],
    ],
    ["the name of the metadata", [{ name: "__metadata__", shape: [1], data: new Float32Array(1) }]],
  ])("takes %s for a mistake of its caller", (_, tensors) => {
    expect(() => safetensorsFile("m", tensors)).toThrow(/^internal:/);
  });
});
