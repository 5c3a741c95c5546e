import { expect, it } from "vitest";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import type { TensorView } from "../engine/runtime/session.ts";
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

it("its matrices lie on 64 bytes, as a step's do", async () => {
  const seen: TensorView[] = [];
  const watched = {
    ...runtime,
    createSession: async (...given: Parameters<typeof runtime.createSession>) => {
      const session = await runtime.createSession(...given);
      const run: typeof session.run = (feeds, fetches) => {
        seen.push(...Object.values(feeds), ...Object.values(fetches));
        return session.run(feeds, fetches);
      };
      return { ...session, run, dispose: () => session.dispose() };
    },
  };
  const plain = await createPlainProduct(watched, [[3, 5, 7]], 1);
  plain.dispose();
  expect(seen.map(({ data }) => data.length)).toEqual([15, 35, 21]);
  // The memory itself begins on a page.
  for (const { data } of seen) {
    expect(data.byteOffset % 64).toBe(0);
    expect(data.buffer.byteLength % 65_536).toBe(0);
  }
});
