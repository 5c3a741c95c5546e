import { describe, expect, it } from "vitest";
import { Arena } from "./arena.ts";

describe("Arena", () => {
  it("hands out zeroed buffers on 64 bytes, which do not overlap", async () => {
    const arena = await Arena.create(4096);
    const views = [
      arena.uint8(1),
      arena.float32(17),
      arena.int64(3),
      arena.int32(5),
      arena.float32(0),
      arena.uint8(64),
    ];
    expect(views.map(({ byteOffset }) => byteOffset % 64)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(views.every((view) => view.every((value) => Number(value) === 0))).toBe(true);
    views.forEach((view, i) => {
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(i + 1);
    });
    views.forEach((view, i) => {
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      expect(bytes.every((byte) => byte === i + 1)).toBe(true);
    });
    expect(arena.used).toBe(64 * 7);
  });

  it("keeps one memory: views stay attached", async () => {
    const arena = await Arena.create(1);
    const before = arena.float32(1);
    expect(() => arena.memory.grow(1)).toThrow(RangeError);
    expect(before.buffer).toBe(arena.memory.buffer);
    expect(arena.byteLength).toBe(65_536);
  });

  it("hands the memory above a mark out again", async () => {
    const arena = await Arena.create(4096);
    const kept = arena.float32(8);
    const mark = arena.mark();
    const first = arena.float32(100);
    arena.release(mark);
    const second = arena.int32(100);
    expect(second.byteOffset).toBe(first.byteOffset);
    expect(second.byteOffset).toBeGreaterThanOrEqual(kept.byteOffset + kept.byteLength);
  });

  it("refuses marks that it did not give", async () => {
    const arena = await Arena.create(4096);
    for (const mark of [0, 65, 128, -64, Number.NaN]) expect(() => arena.release(mark)).toThrow(RangeError);
  });

  it("says how much is free when a buffer does not fit, and stays usable", async () => {
    const arena = await Arena.create(65_536);
    arena.float32(16);
    expect(() => arena.float32(20_000)).toThrow("Arena: 80000 bytes do not fit, 65408 of 65536 are free");
    expect(arena.float32(65_408 / 4).length).toBe(65_408 / 4);
    expect(() => arena.uint8(1)).toThrow(RangeError);
  });

  it.each([-1, 1.5, Number.NaN])("refuses the length %s", async (length) => {
    const arena = await Arena.create(4096);
    expect(() => arena.float32(length)).toThrow(RangeError);
    expect(arena.used).toBe(64);
  });

  it.each([-1, Number.NaN, 2 ** 32 + 1])("refuses a size of %s bytes", async (bytes) => {
    await expect(Arena.create(bytes)).rejects.toThrow(RangeError);
  });
});
