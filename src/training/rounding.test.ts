/** Fewer shapes, none without a place for the pads, and the same step whatever is added to it. */
import { describe, expect, it } from "vitest";
import { tinyRows, tinyStep } from "../../test/helpers/tiny-step.ts";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import { batchSizes } from "./batch.ts";
import { mostRounded, roundedSizes, roundingFor } from "./rounding.ts";

const FEW = roundingFor({ compilesShapes: true });

describe("roundedSizes", () => {
  it("rounds rows and tokens up", () => {
    expect(roundedSizes({ B: 4, S: 9, T: 30 }, FEW)).toEqual({ B: 4, S: 16, T: 32 });
    expect(roundedSizes({ B: 4, S: 16, T: 63 }, FEW)).toEqual({ B: 4, S: 16, T: 64 });
  });

  it("leaves the tokens where no slot is free for a pad", () => {
    expect(roundedSizes({ B: 3, S: 16, T: 48 }, FEW)).toEqual({ B: 3, S: 16, T: 48 });
    expect(roundedSizes({ B: 3, S: 15, T: 45 }, FEW)).toEqual({ B: 3, S: 16, T: 64 });
  });

  it("changes nothing for a runtime that takes each shape alike", () => {
    const sizes = { B: 3, S: 13, T: 29 };
    expect(roundedSizes(sizes, roundingFor({ compilesShapes: false }))).toEqual(sizes);
  });

  it("is never above the most", () => {
    for (let S = 1; S <= 40; S++) {
      for (const T of [S, 2 * S, 3 * S]) {
        const most = mostRounded({ B: 3, S, T, G: 3 });
        const rounded = roundedSizes({ B: 3, S, T }, FEW);
        expect(rounded.S).toBeLessThanOrEqual(most.S);
        expect(rounded.T).toBeLessThanOrEqual(most.T);
      }
    }
    for (const lengths of [
      [8, 4, 2, 2],
      [7, 7],
      [16, 16, 16],
      [9, 1, 1, 1, 1, 1, 1],
    ]) {
      const features = { length: (row: number) => lengths[row] };
      const rows = Array.from(lengths.keys());
      const { G } = batchSizes(features, rows, FEW);
      expect(G).toBeLessThanOrEqual(mostRounded(batchSizes(features, rows)).G);
    }
  });
});

describe("a step on rounded sizes", () => {
  it.each([
    ["rows of many lengths", [5, 3, 1, 7]],
    ["rows of one length, which leave no slot free", [8, 8, 8]],
    ["rows of one length with a slot free", [7, 7]],
  ])("has the loss and the gradients of the exact one: %s", async (_, lengths) => {
    const features = tinyRows(lengths);
    const rows = lengths.map((_, row) => row);
    const runtime = await loadRuntime("onnxruntime");
    const [exact, rounded] = await Promise.all(
      [false, true].map(async (compilesShapes) => {
        const { step, store } = await tinyStep({ runtime: { ...runtime, compilesShapes } });
        const { loss, tokens } = await step.gradients(features, [rows], 0);
        step.dispose();
        return {
          loss,
          tokens,
          gradients: store.parameters.map(({ gradient, marks }) => [gradient, marks]),
        };
      }),
    );
    expect(rounded.tokens).toBe(lengths.reduce((a, b) => a + b));
    // Sums of a few dozen float32 terms in another order.
    expect(Math.abs(rounded.loss - exact.loss)).toBeLessThan(1e-6);
    rounded.gradients.forEach(([gradient, marks], i) => {
      expect(marks).toEqual(exact.gradients[i][1]);
      gradient.forEach((value, j) => {
        expect(Math.abs(value - exact.gradients[i][0][j])).toBeLessThan(2e-6);
      });
    });
  });
});
