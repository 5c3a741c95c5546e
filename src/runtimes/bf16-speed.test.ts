/** The ratio of two speeds, on a clock of the test's own, and what is called faster. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import { isBf16Faster, isBf16Slower, measureBf16Speed } from "./bf16-speed.ts";

const runtime = await loadRuntime("onnxruntime");

let open = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  open = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

/** A runtime whose products do nothing but `product`. */
function doing(product: () => void) {
  const session = {
    ...{ inputNames: [], outputNames: [], bind: () => {} },
    run: async () => product(),
    dispose: () => void open--,
  };
  const createSession = async () => {
    open++;
    return session;
  };
  return { ...runtime, createSession };
}

const taking = (ms: number) => doing(() => vi.advanceTimersByTime(ms));

it("is that of bf16 over that of float32", async () => {
  expect(await measureBf16Speed({ bf16: taking(4), float32: taking(2) })).toBe(0.5);
  expect(open).toBe(0);
});

it("is none where a product fails, and no session is left open", async () => {
  const failing = doing(() => {
    throw new Error("no memory");
  });
  expect(await measureBf16Speed({ bf16: failing, float32: taking(2) })).toBeUndefined();
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
