/** How the recipe follows from the model's size, the classes and the steps. */
import { describe, expect, it } from "vitest";
import { type BertConfig, parseBertConfig } from "../model/config.ts";
import { chooseEpochs, chooseRecipe, type RecipeInput } from "./recipe.ts";

function config(hidden_size: number): BertConfig {
  return parseBertConfig({ model_type: "bert", hidden_size, num_attention_heads: 4 }, "config.json");
}

function recipe(given: Partial<RecipeInput> = {}) {
  const standard = { config: config(384), classes: 2, what: "2 classes" };
  return chooseRecipe({ ...standard, ...given });
}

describe("chooseRecipe", () => {
  it("falls with the model's width", () => {
    expect(recipe().learningRate).toBe(1e-4);
    expect(recipe({ config: config(768) }).learningRate).toBe(5e-5);
    expect(recipe({ config: config(128) }).learningRate).toBe(3e-4);
  });

  it("rises with the root of the classes, up to a limit", () => {
    const rates = [2, 8, 18, 150].map((classes) => recipe({ classes }).learningRate);
    expect(rates).toEqual([1e-4, 2e-4, 3e-4, 3e-4]);
  });

  it("has two digits", () => {
    expect(recipe({ classes: 6 }).learningRate).toBe(1.7e-4);
  });

  it("treats a lone label as two", () => {
    expect(recipe({ classes: 1 }).learningRate).toBe(1e-4);
  });

  it("moves the head faster than the encoder", () => {
    const { learningRate, headLearningRate } = recipe({ classes: 6 });
    expect(headLearningRate).toBeCloseTo(10 * learningRate, 12);
  });

  it("leaves dropout to the checkpoint, but for small models", () => {
    expect(recipe({ config: config(768) }).dropout).toBeUndefined();
    expect(recipe({ config: config(512) }).dropout).toBe(0);
  });

  it("says why", () => {
    expect(recipe({ classes: 8, what: "a score" }).reason).toBe("for 384 hidden features and a score");
  });
});

describe("chooseEpochs", () => {
  it.each([
    ["many steps", 5000, 3],
    ["just enough steps", 80, 3],
    ["a step too few", 79, 4],
    ["few steps", 30, 8],
    ["hardly any steps", 1, 10],
  ])("with %s an epoch", (_what, stepsPerEpoch, epochs) => {
    expect(chooseEpochs(stepsPerEpoch, 3)).toBe(epochs);
  });

  it("keeps the task's standard where it is enough", () => {
    expect(chooseEpochs(500, 2)).toBe(2);
  });
});
