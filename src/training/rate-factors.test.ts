/** Learning rates by depth. */
import { describe, expect, it } from "vitest";
import { rateFactors } from "./rate-factors.ts";

const PARAMETERS = {
  words: "bert.embeddings.word_embeddings.weight",
  embeddingNorm: "bert.embeddings.LayerNorm.weight",
  first: "bert.encoder.layer.0.attention.self.query.weight",
  last: "bert.encoder.layer.11.output.dense.bias",
  pooler: "bert.pooler.dense.weight",
  headLayer: "head.layer.0.weight",
  classifier: "classifier.weight",
};

const OPTIONS = { learningRate: 1e-4, headLearningRate: 1e-3, layerDecay: 0.9, layers: 12 };

describe("rateFactors", () => {
  it("gives the top of the encoder the rate itself", () => {
    const factor = rateFactors(OPTIONS);
    expect(factor(PARAMETERS.last)).toBe(1);
    expect(factor(PARAMETERS.pooler)).toBe(1);
  });

  it("decays by layer, with the embeddings below the first", () => {
    const factor = rateFactors(OPTIONS);
    expect(factor(PARAMETERS.first)).toBeCloseTo(0.9 ** 11, 12);
    expect(factor(PARAMETERS.words)).toBeCloseTo(0.9 ** 12, 12);
    expect(factor(PARAMETERS.embeddingNorm)).toBe(factor(PARAMETERS.words));
  });

  it("gives every new layer the head's rate, whatever the decay", () => {
    const factor = rateFactors(OPTIONS);
    expect(factor(PARAMETERS.classifier)).toBeCloseTo(10, 12);
    expect(factor(PARAMETERS.headLayer)).toBeCloseTo(10, 12);
  });

  it("is 1 everywhere with one rate and no decay", () => {
    const factor = rateFactors({ ...OPTIONS, headLearningRate: 1e-4, layerDecay: 1 });
    expect(Object.values(PARAMETERS).map(factor)).toEqual(Object.values(PARAMETERS).map(() => 1));
  });
});
