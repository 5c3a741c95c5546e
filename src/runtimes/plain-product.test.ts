import { expect, it, vi } from "vitest";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import { isBf16WorthIt, measureBf16Speed } from "./bf16-speed.ts";
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

it("bf16 has to be faster to be worth its roundings", () => {
  expect([0.5, 1, 1.09, 1.1, 3].map(isBf16WorthIt)).toEqual([false, false, false, true, true]);
});
