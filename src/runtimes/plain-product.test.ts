import { expect, it } from "vitest";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
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
