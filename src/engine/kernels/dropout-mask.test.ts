import { beforeAll, describe, expect, it } from "vitest";
import { Arena } from "./arena.ts";
import type { MaskKey } from "./kernels.ts";

const KEY: MaskKey = [1, 2, 3, 4];
const N = 1_000_000;
let arena: Arena;
beforeAll(async () => {
  arena = await Arena.create(4_000_000);
});

/** The mask as an array of its own. */
function mask(length: number, keep: number, key: MaskKey): Uint8Array {
  const mark = arena.mark();
  const view = arena.uint8(length);
  arena.kernels.dropoutMask(view, keep, key);
  const copy = view.slice();
  arena.release(mark);
  return copy;
}

/** The definition, written out in plain JavaScript. */
function reference(length: number, keep: number, key: MaskKey): Uint8Array {
  const mix = (value: number): number => {
    let x = Math.imul(value ^ (value >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return (x ^ (x >>> 16)) >>> 0;
  };
  const [a, b, c, d] = [0x9e3779b9, 0x3c6ef372, 0xdaa66d2b, 0x78dde6e4].map((start) =>
    key.reduce((state, word) => mix((state + word) >>> 0), start),
  );
  const byteOf = (word: number, i: number) => (word >>> ((i & 3) * 8)) & 255;
  const hash = (counter: number, first: number, second: number) =>
    mix((mix((counter ^ first) >>> 0) + second) >>> 0);
  return Uint8Array.from({ length }, (_, i) => {
    const high = (byteOf(hash(i >>> 2, a, b), i) + 128) & 255;
    const low = byteOf(hash(4 * (i >>> 8) + ((i & 15) >>> 2), c, d), i);
    return 256 * high + low < Math.round(keep * 65_536) ? 1 : 0;
  });
}

/** Correlation of two masks of keep rate `keep` in standard deviations: |z| above 5 does not come by chance. */
function correlation(x: Uint8Array, y: Uint8Array, keep: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - keep) * (y[i] - keep);
  return sum / (keep * (1 - keep) * Math.sqrt(x.length));
}

describe("dropoutMask", () => {
  it.each([0, 1, 5, 15, 16, 17, 31, 32, 255, 256, 1000])("is the definition, byte by byte: %i", (length) => {
    for (const keep of [0.1, 0.5, 0.9]) {
      const key: MaskKey = [length, 0xffffffff, -5, 2 ** 31];
      expect(mask(length, keep, key)).toEqual(reference(length, keep, key));
    }
  });

  it("decides a tie by its second draw, in vectors and behind them", () => {
    for (const length of [15, 271]) {
      const masks = Array.from({ length: 200 }, (_, i) => mask(length, 0.9, [i, 0, 0, 0]));
      masks.forEach((got, i) => {
        expect(got).toEqual(reference(length, 0.9, [i, 0, 0, 0]));
      });
      // 0.9 is 230.4 / 256: with no second draws the low byte would decide nothing.
      const coarse = Array.from({ length: 200 }, (_, i) => reference(length, 230 / 256, [i, 0, 0, 0]));
      expect(masks).not.toEqual(coarse);
    }
  });

  it.each([1, 255, 256, 257, 32_767, 32_768, 65_535])("keeps %i of 65,536", (kept) => {
    expect(mask(70_001, kept / 65_536, KEY)).toEqual(reference(70_001, kept / 65_536, KEY));
  });

  it.each([0, 0.5, 0.9, 1])("has the same ones and zeros in bf16, keep %f", (keep) => {
    for (const length of [1, 15, 16, 33, 1000, 70_001]) {
      const mark = arena.mark();
      const view = arena.uint16(length + 8);
      view.fill(7, length);
      arena.kernels.dropoutMask(view.subarray(0, length), keep, KEY);
      const ones = Uint8Array.from(view.subarray(0, length), (bits) => (bits === 0x3f80 ? 1 : bits));
      expect(ones).toEqual(reference(length, keep, KEY));
      expect(view.subarray(length)).toEqual(new Uint16Array(8).fill(7));
      arena.release(mark);
    }
  });

  it("writes nothing beside the mask", () => {
    const view = arena.uint8(64);
    view.fill(9);
    arena.kernels.dropoutMask(view.subarray(16, 47), 0.5, KEY);
    expect(view.subarray(0, 16).every((byte) => byte === 9)).toBe(true);
    expect(view.subarray(47).every((byte) => byte === 9)).toBe(true);
    expect(view.subarray(16, 47)).toEqual(reference(31, 0.5, KEY));
  });

  it.each([0.05, 0.5, 0.9, 0.999])("keeps at the rate %f", (keep) => {
    const kept = mask(N, keep, KEY).reduce((sum, byte) => sum + byte, 0);
    const deviations = (kept - N * keep) / Math.sqrt(N * keep * (1 - keep));
    expect(Math.abs(deviations)).toBeLessThan(5);
  });

  it("keeps none at 0 and all at 1", () => {
    expect(mask(100, 0, KEY)).toEqual(new Uint8Array(100));
    expect(mask(100, 1, KEY)).toEqual(new Uint8Array(100).fill(1));
    expect(mask(100, 1 - 1e-9, KEY)).toEqual(new Uint8Array(100).fill(1));
  });

  it.each([0.5, 0.9])("has independent bytes at every small distance, keep %f", (keep) => {
    const x = mask(N, keep, KEY);
    for (const distance of [1, 2, 3, 4, 7, 8, 15, 16, 17, 32, 64, 128, 384, 768, 1024, 4096, 65_536]) {
      const z = correlation(x.subarray(0, N - distance), x.subarray(distance), keep);
      expect(Math.abs(z), `distance ${distance}`).toBeLessThan(5);
    }
  });

  it("has the same rate at each position of a vector", () => {
    const x = mask(N, 0.5, KEY);
    for (let position = 0; position < 32; position++) {
      let kept = 0;
      for (let i = position; i < N; i += 32) kept += x[i];
      const deviations = (kept - N / 64) / Math.sqrt(N / 128);
      expect(Math.abs(deviations), `position ${position}`).toBeLessThan(5);
    }
  });

  it.each([0, 1, 2, 3])("is another mask for each value of key word %i", (word) => {
    const x = mask(N, 0.5, KEY);
    // Single bits and small steps: the keys that a run uses differ by these.
    for (const change of [1, 2, 3, 4, 5, 8, 16, 1 << 10, 1 << 31]) {
      const key = [...KEY] as [number, number, number, number];
      key[word] += change;
      const y = mask(N, 0.5, key);
      expect(Math.abs(correlation(x, y, 0.5)), `change ${change}`).toBeLessThan(5);
      // Nor is it the first mask moved by a vector or two.
      for (const shift of [1, 2, 8, 16, 32]) {
        const z = correlation(x.subarray(shift), y.subarray(0, N - shift), 0.5);
        expect(Math.abs(z), `change ${change}, moved by ${shift}`).toBeLessThan(5);
      }
    }
  });

  it("spreads runs of dropped bytes as chance does", () => {
    // Pairs of 8 adjacent draws are 256 equally likely patterns at keep 0.5: chi-squared with 255 degrees of freedom.
    const x = mask(N, 0.5, [9, 9, 9, 9]);
    const counts = new Float64Array(256);
    for (let i = 0; i + 8 <= N; i += 8) {
      counts[x.subarray(i, i + 8).reduce((pattern, bit) => pattern * 2 + bit, 0)]++;
    }
    const expected = N / 8 / 256;
    const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(Math.abs(chiSquared - 255) / Math.sqrt(2 * 255)).toBeLessThan(5);
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses to keep %f", (keep) => {
    expect(() => mask(16, keep, KEY)).toThrow(RangeError);
  });

  it("refuses an array outside the arena", () => {
    expect(() => arena.kernels.dropoutMask(new Uint8Array(16), 1, KEY)).toThrow(TypeError);
  });
});
