/** Our side of the step on a tiny model: its times, its operations against a count by hand, the plain product. */
import { describe, expect, it } from "vitest";
import { loadRuntime, productOperations } from "../../internals.ts";
import { largestProducts } from "./flops.ts";
import { benchConfig, createOurModel, createOurStep, stepProgram } from "./our-step.ts";

const runtime = await loadRuntime("onnxruntime");
const [H, I, A, L] = [8, 16, 2, 3];
const CONFIG = benchConfig({
  ...{ hidden_size: H, num_hidden_layers: L, num_attention_heads: A, intermediate_size: I, vocab_size: 50 },
});
const SIZES = { B: 3, S: 5, T: 11, G: 3 };

describe("our step", () => {
  it("trains on batches of different lengths: one time a step", async () => {
    const model = await createOurModel(CONFIG, [SIZES, { B: 2, S: 6, T: 12, G: 2 }], runtime);
    const step = await createOurStep(model, {
      runtime: runtime,
      largest: SIZES,
      threads: 1,
    });
    try {
      const before = Float32Array.from(model.store.parameters[0].weight);
      const ms = await step.measure([
        [5, 5, 1],
        [4, 3],
        [5, 5, 1],
      ]);
      expect(ms).toHaveLength(3);
      for (const time of ms) expect(time).toBeGreaterThan(0);
      expect(model.store.parameters[0].weight).not.toEqual(before);
    } finally {
      step.dispose();
    }
  });
});

describe("operations", () => {
  const { B, S, T } = SIZES;
  const linear = (rows: number, from: number, to: number) => rows * from * to;
  // Two products a head: scores and context.
  const attention = 2 * B * A * S * S * (H / A);
  const layer = (rows: number, context: number) => context + linear(rows, H, H) + 2 * linear(rows, H, I);
  const whole = layer(T, 3 * linear(T, H, H) + attention);
  // The last layer goes on with the [CLS] rows alone: query, the weights of keys and values on its side, the keys' bias,
  // and two products with the row's tokens a head. Pooler and classifier follow.
  const last = (heads: number) => layer(B, 3 * linear(B, H, H) + B * H + 2 * B * heads * S * H);
  const forward = (heads: number) => (L - 1) * whole + last(heads) + linear(B, H, H) + linear(B, H, 2);

  // The gradient of each LayerNorm takes two means over H as products with one column.
  const means = 2 * ((2 * (L - 1) + 1) * T + 2 * B) * H;
  const step = (heads: number) => 2 * (3 * forward(heads) + means);

  it("are those of a count by hand: the backward pass has two products for each one of the forward pass", () => {
    expect(productOperations(stepProgram(CONFIG, SIZES, runtime))(SIZES)).toBe(step(A));
  });

  it("count what is computed again", () => {
    const long = { B: 32, S: 512, T: 32 * 512, G: 32 };
    const config = { ...CONFIG, num_attention_heads: 8 };
    const scores = 2 * B * H * (L - 1) * S * S;
    expect(productOperations(stepProgram(config, long, runtime))(SIZES)).toBe(step(8) + scores);
  });

  it("the largest products come first, each once", () => {
    expect(largestProducts(stepProgram(CONFIG, SIZES, runtime), { B: 3, S: 5, T: 100, G: 3 }, 3)).toEqual(
      expect.arrayContaining([
        [100, H, I],
        [100, I, H],
        [H, 100, I],
      ]),
    );
  });
});
