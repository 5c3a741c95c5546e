/** Numbers of a run: what was given wins over the recipe, and the lines say which is which. */
import { describe, expect, it } from "vitest";
import { parseBertConfig } from "../model/config.ts";
import { Features } from "../tasks/features.ts";
import { textClassification } from "../tasks/text-classification.ts";
import { textClassificationApplication } from "./applications/text-classification.ts";
import { hyperparameters } from "./hyperparameters.ts";
import type { FineTuneOptions } from "./options.ts";
import type { Sources } from "./setup.ts";

const LABELS = ["a", "b"];
const CLASSIFIER = "classifier.weight";

/** A model of `width` hidden features and `rows` training rows. */
function choose(
  given: Partial<FineTuneOptions> = {},
  { width = 384, rows = 6400, application = textClassificationApplication } = {},
) {
  const config = parseBertConfig({ model_type: "bert", hidden_size: width }, "config.json");
  const features = new Features(10);
  for (let i = 0; i < rows; i++) features.add([1, 2], 2);
  const problemType = "single_label_classification" as const;
  const options: FineTuneOptions = { task: "text-classification", train: "train.tsv", ...given };
  const task = textClassification({ problemType, labels: LABELS });
  const resolved = { name: "model", folder: "model", from: "folder" };
  const sources = { files: { config }, train: { features }, task, application, resolved };
  return hyperparameters(options, sources as unknown as Sources);
}

describe("hyperparameters", () => {
  it("follows the recipe where nothing is given", () => {
    const chosen = choose();
    expect(chosen).toMatchObject({ epochs: 3, totalSteps: 600, batchSize: 32, accumulation: 1 });
    expect(chosen).toMatchObject({ learningRate: 1e-4, warmupSteps: 60, dropout: 0, seed: 42 });
    expect(chosen.rateFactor!(CLASSIFIER)).toBeCloseTo(10, 12);
    expect(chosen.lines).toEqual([
      "600 steps of 32 rows (3 epochs of 6400 rows)",
      "learning rate 1e-4, for the new layers 1e-3 (for 384 hidden features and 2 classes), warm-up 60 steps, then linear",
      "dropout 0 (so small a model learns better without)",
    ]);
  });

  it("computes a step in the task's micro-batches where neither they nor their rows are given", () => {
    const standards = { ...textClassificationApplication.standards, batchSize: 16, microBatches: 2 };
    const application = { ...textClassificationApplication, standards };
    const sizes = (given: Partial<FineTuneOptions>) => {
      const { batchSize, accumulation, lines } = choose(given, { application });
      return [batchSize, accumulation, lines[0]];
    };
    expect(sizes({})).toEqual([8, 2, "1200 steps of 16 rows (3 epochs of 6400 rows)"]);
    expect(sizes({ perDeviceTrainBatchSize: 16 }).slice(0, 2)).toEqual([16, 1]);
    expect(sizes({ gradientAccumulationSteps: 4 }).slice(0, 2)).toEqual([16, 4]);
  });

  it("has the standard values of AdamW", () => {
    const { weightDecay, maxGradNorm, adamBeta1, adamBeta2, adamEpsilon, adamBiasCorrection } = choose();
    expect([weightDecay, maxGradNorm, adamBeta1, adamBeta2, adamEpsilon]).toEqual([
      0.01, 1, 0.9, 0.999, 1e-8,
    ]);
    expect(adamBiasCorrection).toBe(true);
  });

  it("takes what was given, zeros too", () => {
    const given = {
      learningRate: 3e-5,
      warmupSteps: 0,
      weightDecay: 0,
      maxGradNorm: 0,
      adamBeta1: 0,
      adamBeta2: 0.99,
      adamEpsilon: 1e-6,
      adamBiasCorrection: false,
      dropout: 0.2,
      seed: 0,
    };
    expect(choose(given)).toMatchObject(given);
  });

  it("says what was given", () => {
    const { lines } = choose({ learningRate: 3e-5, dropout: 0.2, warmupSteps: 7 });
    expect(lines[1]).toBe(
      "learning rate 3e-5, for the new layers 3e-5 (as given), warm-up 7 steps, then linear",
    );
    expect(lines[2]).toBe("dropout 0.2 (as given)");
  });

  it("has the schedule that was given, with its numbers", () => {
    const { schedule, lines } = choose({
      lrSchedulerType: "polynomial",
      lrSchedulerKwargs: { power: 2, lr_end: 0 },
      warmupSteps: 100,
    });
    expect([schedule(50), schedule(100), schedule(350), schedule(600)]).toEqual([0.5, 1, 0.25, 0]);
    expect(lines[1]).toMatch(/, warm-up 100 steps, then polynomial$/);
    expect(choose({ lrSchedulerType: "constant" }).lines[1]).toMatch(/, constant$/);
    expect(choose().schedule(330)).toBe(0.5);
  });

  it("says that a large model keeps its checkpoint's dropout", () => {
    const { dropout, lines } = choose({}, { width: 768 });
    expect(dropout).toBeUndefined();
    expect(lines[2]).toBe("dropout 0.1 (the checkpoint's)");
  });

  it("gives the head a rate of its own only where it is asked for beside a given rate", () => {
    expect(choose({ learningRate: 2e-5 }).rateFactor!(CLASSIFIER)).toBe(1);
    const both = choose({ learningRate: 2e-5, headLearningRate: 1e-3 });
    expect(both.rateFactor!(CLASSIFIER)).toBeCloseTo(50, 10);
    const head = choose({ headLearningRate: 5e-4 });
    expect(head.learningRate).toBe(1e-4);
    expect(head.rateFactor!(CLASSIFIER)).toBeCloseTo(5, 12);
  });

  it("decays the rate by layer where it is asked for", () => {
    const { rateFactor } = choose({ layerDecay: 0.5 });
    expect(rateFactor!("bert.encoder.layer.10.output.dense.weight")).toBe(0.5);
  });

  it("lets maxSteps win over epochs", () => {
    const { totalSteps, epochs, lines } = choose({ maxSteps: 50, numTrainEpochs: 7 });
    expect([totalSteps, epochs]).toEqual([50, 0.25]);
    expect(lines[0]).toBe("50 steps of 32 rows (0.25 epochs of 6400 rows)");
  });

  it("rounds a part of an epoch up, to one step at least", () => {
    expect(choose({ numTrainEpochs: 0.501 }).totalSteps).toBe(101);
    expect(choose({ numTrainEpochs: 0.001 }, { rows: 40 }).totalSteps).toBe(1);
  });

  it("counts accumulated micro-batches as one step", () => {
    const chosen = choose({ perDeviceTrainBatchSize: 8, gradientAccumulationSteps: 4, numTrainEpochs: 1 });
    expect(chosen).toMatchObject({ totalSteps: 200, batchSize: 8, accumulation: 4 });
    expect(chosen.lines[0]).toBe("200 steps of 32 rows (1 epoch of 6400 rows)");
  });

  it("brings rows of like length together where that is asked for", () => {
    expect(choose().groupByLength).toBe(false);
    expect(choose({ trainSamplingStrategy: "group_by_length" }).groupByLength).toBe(true);
    expect(choose().resolved.trainSamplingStrategy).toEqual({ value: "random", origin: "default" });
  });

  it("gives few rows more epochs", () => {
    expect(choose({}, { rows: 320 }).epochs).toBe(10);
  });
});
