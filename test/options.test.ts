/** Options of training by their effect on a run of the tiny model; the parts that carry them out have their own tests. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../src/files/checkpoint.ts";
import { type FineTuneOptions, fineTune, type TextRow, type TrainingEvent } from "../src/node.ts";
import { makeFolder, sentimentRows } from "./helpers/tiny-runs.ts";

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

type EventOf<Type extends TrainingEvent["type"]> = Extract<TrainingEvent, { type: Type }>;

/** Runs and collects what the steps and evaluations said. */
async function run(options: Partial<FineTuneOptions>) {
  const steps: EventOf<"step">[] = [];
  const evaluations: EventOf<"evaluation">[] = [];
  const result = await fineTune({
    ...{ task: "text-classification", model: folder.model, train: sentimentRows(32), threads: 1, dropout: 0 },
    ...{ perDeviceTrainBatchSize: 8, learningRate: 3e-3 },
    ...options,
    onEvent: (event) => {
      if (event.type === "step") steps.push(event);
      if (event.type === "evaluation") evaluations.push(event);
    },
  });
  return { ...result, steps, evaluations, losses: steps.map(({ loss }) => loss) };
}

async function tensor(model: string, name: string): Promise<Float32Array> {
  const checkpoint = await openCheckpoint(model);
  try {
    const { shape } = checkpoint.tensors.get(name)!;
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    await checkpoint.readFloat32(name, values);
    return values;
  } finally {
    await checkpoint.close();
  }
}

/** The furthest that a value of the encoder's tensor has moved. */
async function changeOf(output: string, name: string): Promise<number> {
  const [before, after] = [await tensor(folder.model, name), await tensor(output, `bert.${name}`)];
  return Math.max(...after.map((value, i) => Math.abs(value - before[i])));
}

describe("lrSchedulerType", () => {
  const file = join(import.meta.dirname, "fixtures/bert/schedules.json");
  const { schedules, warmup_steps, total_steps } = JSON.parse(readFileSync(file, "utf8"));

  it.each(["cosine_with_restarts", "warmup_stable_decay"] as const)(
    "%s has transformers' rates",
    async (type) => {
      const { options, multipliers } = schedules[type];
      const { steps } = await run({
        ...{ lrSchedulerType: type, lrSchedulerKwargs: options, warmupSteps: warmup_steps },
        ...{ maxSteps: total_steps, learningRate: 0.5e-3, perDeviceTrainBatchSize: 1 },
      });
      expect(steps).toHaveLength(multipliers.length);
      for (const [i, { learningRate }] of steps.entries()) {
        expect(learningRate).toBeCloseTo(0.5e-3 * multipliers[i], 12);
      }
    },
  );
});

describe("rates", () => {
  it("of layers decay: the embeddings, lowest, stay as they were", async () => {
    const output = folder.path("decay");
    await run({ layerDecay: 1e-4, maxSteps: 4, weightDecay: 0, output });
    const change = (name: string) => changeOf(output, name);
    const top = await change("encoder.layer.1.output.dense.weight");
    expect(top).toBeGreaterThan(1e-3);
    // A layer lower is four powers of ten less, the embeddings eight.
    expect(await change("encoder.layer.0.output.dense.weight")).toBeLessThan(1e-3 * top);
    expect(await change("embeddings.position_embeddings.weight")).toBeLessThan(1e-6);
  });

  it("of the head are its own", async () => {
    const output = folder.path("head");
    const options = { maxSteps: 4, weightDecay: 0, output, warmupSteps: 0 };
    await run({ ...options, learningRate: 1e-12, headLearningRate: 1e-2 });
    expect(await changeOf(output, "encoder.layer.1.output.dense.weight")).toBeLessThan(1e-9);
    const moved = await tensor(output, "classifier.bias");
    expect(Math.max(...moved.map(Math.abs))).toBeGreaterThan(1e-3);
  });
});

it("gradientAccumulationSteps of small batches are the steps of a large one", async () => {
  const large = await run({ perDeviceTrainBatchSize: 16, maxSteps: 6 });
  const small = await run({ perDeviceTrainBatchSize: 4, gradientAccumulationSteps: 4, maxSteps: 6 });
  expect(small.losses).toHaveLength(6);
  for (const [i, loss] of small.losses.entries()) expect(loss).toBeCloseTo(large.losses[i], 4);
});

describe("targets", () => {
  it("labelSmoothingFactor leaves a loss that no model falls below", async () => {
    const options = { maxSteps: 60, learningRate: 5e-3 };
    // Of two labels, 0.8 and 0.2 are asked for: their entropy.
    const floor = -(0.8 * Math.log(0.8) + 0.2 * Math.log(0.2));
    const smooth = await run({ ...options, labelSmoothingFactor: 0.4 });
    expect(Math.min(...smooth.losses)).toBeGreaterThan(floor - 1e-6);
    expect(Math.min(...(await run(options)).losses)).toBeLessThan(floor / 2);
  });

  it("classWeights make a label count so much more", async () => {
    // Nothing tells the labels apart: the best that can be learned is their shares, 0.9 and 0.1 by weight.
    const train: TextRow[] = Array.from({ length: 16 }, (_, i) => ({ text: "the film", label: "ab"[i % 2] }));
    const options = { train, maxSteps: 50, perDeviceTrainBatchSize: 16 };
    const entropy = -(0.9 * Math.log(0.9) + 0.1 * Math.log(0.1));
    const { losses } = await run({ ...options, classWeights: { a: 9 } });
    expect(losses.at(-1)).toBeCloseTo(entropy, 2);
    expect((await run({ ...options, classWeights: "balanced" })).losses.at(-1)).toBeCloseTo(Math.LN2, 2);
  });
});

describe("evaluations", () => {
  const validation = sentimentRows(24);

  it("are after each epoch, or after so many steps, and at the end", async () => {
    const stepsOf = ({ evaluations }: { evaluations: EventOf<"evaluation">[] }) =>
      evaluations.map(({ step }) => step);
    expect(stepsOf(await run({ validation, maxSteps: 10 }))).toEqual([4, 8, 10]);
    expect(stepsOf(await run({ validation, maxSteps: 10, evalSteps: 3 }))).toEqual([3, 6, 9, 10]);
  });

  it.each([
    [true, Math.max],
    [false, Math.min],
  ])("keep the model whose metric is best where greater is better: %s", async (greaterIsBetter, best) => {
    const options = { validation, maxSteps: 60, evalSteps: 10, learningRate: 5e-3 };
    const { metrics, metric, evaluations } = await run({
      ...options,
      metricForBestModel: "precision",
      greaterIsBetter,
    });
    const values = evaluations.map((event) => event.metrics.precision);
    expect(new Set(values).size).toBeGreaterThan(1);
    expect([metric, metrics.precision]).toEqual(["precision", best(...values)]);
  });

  it("end the run where earlyStoppingPatience of them are no better", async () => {
    // So low a rate changes no prediction.
    const options = { validation, maxSteps: 50, evalSteps: 2, learningRate: 1e-9 };
    const { steps, evaluations } = await run({ ...options, earlyStoppingPatience: 3 });
    expect([steps.length, evaluations.length]).toEqual([8, 4]);
  });
});
