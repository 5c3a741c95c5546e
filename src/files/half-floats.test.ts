import { describe, expect, it } from "vitest";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half-floats.ts";

function convert(convertAll: (from: Uint16Array, into: Float32Array) => void, ...bits: number[]): number[] {
  const into = new Float32Array(bits.length);
  convertAll(Uint16Array.from(bits), into);
  return [...into];
}

describe("float16ToFloat32", () => {
  it("gives the values of IEEE 754-2008, table 3.5", () => {
    expect(convert(float16ToFloat32, 0x3c00, 0xc000, 0x3555, 0x7bff)).toEqual([1, -2, 0.333251953125, 65504]);
  });
  it("knows subnormals, both zeros, infinities and NaN", () => {
    expect(convert(float16ToFloat32, 0x0001, 0x03ff, 0x0400)).toEqual([2 ** -24, 1023 * 2 ** -24, 2 ** -14]);
    expect(convert(float16ToFloat32, 0x0000, 0x8000, 0x7c00, 0xfc00, 0x7e00)).toEqual([
      0,
      -0,
      Infinity,
      -Infinity,
      NaN,
    ]);
  });
});

describe("bfloat16ToFloat32", () => {
  it("takes the upper half of a float32", () => {
    expect(convert(bfloat16ToFloat32, 0x3f80, 0xc020, 0x8000, 0x7f80, 0x7fc0)).toEqual([
      1,
      -2.5,
      -0,
      Infinity,
      NaN,
    ]);
  });
  it("writes within its part of a buffer only", () => {
    const memory = new Float32Array(4).fill(9);
    bfloat16ToFloat32(Uint16Array.of(0x3f80, 0x4000), memory.subarray(1, 3));
    expect([...memory]).toEqual([9, 1, 2, 9]);
  });
});
