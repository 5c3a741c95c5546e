/** Right gradients pass, wrong ones are found, and the weights stay as they were. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyRows, tinyStep } from "../../../test/helpers/tiny-step.ts";
import type { TrainingStep } from "../training-step.ts";
import { checkGradients } from "./check-gradients.ts";

const ROWS = [0, 1, 2, 3];
const features = tinyRows([5, 9, 3, 7]);

let made: Awaited<ReturnType<typeof tinyStep>>;
beforeAll(async () => {
  made = await tinyStep({ dropout: 0.2 });
});
afterAll(() => made.step.dispose());

it("agrees with a step's own loss, dropout and all", async () => {
  const before = made.store.snapshot();
  const report = await checkGradients(made, features, ROWS);
  expect(report.differing).toEqual([]);
  expect(report.tensors).toBe(made.store.parameters.length);
  expect(report.compared).toBeGreaterThan(0.8 * report.tensors);
  expect(made.store.snapshot()).toEqual(before);
});

describe("finds a gradient", () => {
  it.each([
    ["half as large", "classifier.weight", 0.5],
    ["of the wrong sign", "bert.embeddings.word_embeddings.weight", -1],
    ["a third too large", "bert.encoder.layer.0.intermediate.dense.weight", 4 / 3],
  ])("%s, of %s", async (_what, name, factor) => {
    const { step, store } = made;
    // The step as it is, but for one tensor.
    const wrong = {
      gradients: async (...args: Parameters<TrainingStep["gradients"]>) => {
        const outcome = await step.gradients(...args);
        const { gradient } = store.get(name);
        gradient.forEach((value, i) => {
          gradient[i] = factor * value;
        });
        return outcome;
      },
    } as TrainingStep;
    const { differing } = await checkGradients({ step: wrong, store }, features, ROWS);
    expect(differing.map((one) => one.name)).toEqual([name]);
  });
});
