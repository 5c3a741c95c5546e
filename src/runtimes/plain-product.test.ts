import { expect, it, vi } from "vitest";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import { isBf16Faster, isBf16Slower, measureBf16Speed } from "./bf16-speed.ts";
import { createPlainProduct } from "./plain-product.ts";

const runtime = await loadRuntime("onnxruntime");

it("a plain product has a speed", async () => {
  const plain = await createPlainProduct(
    runtime,
    [
      [4, 8, 16],
      [32, 32, 32],
    ],
    1,
  );
  try {
    expect(await plain.measure()).toBeGreaterThan(0);
    expect(await plain.measure()).toBeLessThan(1e6);
  } finally {
    plain.dispose();
  }
});

it("bf16's speed is bf16's over float32's", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  let open = 0;
  /** A runtime whose products take `ms`. */
  const timed = (ms: number) => ({
    ...runtime,
    createSession: async () => {
      open++;
      return {
        ...{ inputNames: [], outputNames: [], bind: () => {} },
        run: async () => void vi.advanceTimersByTime(ms),
        dispose: () => void open--,
      };
    },
  });
  try {
    expect(await measureBf16Speed({ bf16: timed(4), float32: timed(2) })).toBe(0.5);
    expect(open).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it("no speed where a product fails, and no session is left open", async () => {
  let open = 0;
  const failing = (fails: boolean) => ({
    ...runtime,
    createSession: async () => {
      open++;
      return {
        ...{ inputNames: [], outputNames: [], bind: () => {} },
        run: async () => {
          if (fails) throw new Error("no memory");
        },
        dispose: () => void open--,
      };
    },
  });
  expect(await measureBf16Speed({ bf16: failing(true), float32: failing(false) })).toBeUndefined();
  expect(open).toBe(0);
});

it("bf16 has to be clearly faster, or slower, to be called so", () => {
  expect([undefined, 0.5, 1, 1.09, 1.1, 3].map(isBf16Faster)).toEqual([
    false,
    false,
    false,
    false,
    true,
    true,
  ]);
  expect([undefined, 0.5, 0.9, 0.95, 1, 3].map(isBf16Slower)).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
});
