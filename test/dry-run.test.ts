/** `dryRun` beside `fineTune` with the same options: it foresees what that does, and leaves nothing behind. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dryRun, type FineTuneOptions, fineTune, type TrainingEvent } from "../src/node.ts";
import { refusal } from "./helpers/refusal.ts";
import { ENOUGH, makeFolder, sentimentRows } from "./helpers/tiny-runs.ts";

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const rows = sentimentRows(44);
const validation = sentimentRows(24);
const options = (more: Partial<FineTuneOptions> = {}): FineTuneOptions => ({
  ...ENOUGH,
  ...{ model: folder.model, train: rows, validation, numTrainEpochs: 2 },
  ...more,
});

describe("a dry run", () => {
  it("says what the run does, and writes nothing", async () => {
    const output = folder.path("new", "model");
    const before = readdirSync(folder.path());
    const found = await dryRun(options({ output }));
    expect(readdirSync(folder.path())).toEqual(before);
    expect(found).toMatchObject({
      task: "text-classification",
      train: { split: "train", rows: 44, labels: ["negative", "positive"], truncated: 0 },
      validation: { split: "validation", rows: 24 },
      ...{ steps: 12, evaluations: 2, mayEndEarlier: false },
      baseline: { metric: "accuracy", value: 0.5 },
      memory: { rows: 8 },
    });
    expect(found.recipe[0]).toMatch(/^12 steps of 8 rows/);
    const { preparation, training, evaluation, saving, total } = found.seconds;
    for (const { low, high } of [training, evaluation, saving]) expect(low).toBeLessThan(high);
    expect(total.low).toBeCloseTo(preparation + training.low + evaluation.low + saving.low);
    expect(total.high).toBeCloseTo(preparation + training.high + evaluation.high + saving.high);
    expect(found.memory.measured).toBeGreaterThan(found.memory.weights);
    expect(found.disk.free).toBeGreaterThan(found.disk.model);
    // One checkpoint after the first of two epochs: weights, two moments, the best weights.
    expect(found.disk.checkpoints).toBe(4 * found.disk.model);
    await fineTune(options({ output, maxSteps: 1 }));
    expect(readdirSync(output)).toContain("model.safetensors");
  });

  it.each([
    { numTrainEpochs: 1.5 },
    { maxSteps: 1 },
    { evalSteps: 4, maxSteps: 8 },
    { evalSteps: 100, maxSteps: 3, gradientAccumulationSteps: 2 },
    { numTrainEpochs: 0.2, trainSamplingStrategy: "group_by_length" as const },
  ])("counts the steps and evaluations of the run with %o", async (more) => {
    const events: TrainingEvent[] = [];
    await fineTune(options({ ...more, onEvent: (event) => events.push(event) }));
    const count = (type: TrainingEvent["type"]) => events.filter((event) => event.type === type).length;
    const { steps, evaluations } = await dryRun(options(more));
    expect({ steps, evaluations }).toEqual({ steps: count("step"), evaluations: count("evaluation") });
  });

  it("knows of rules that end a run, and of runs without validation or output", async () => {
    const limited = await dryRun(options({ maxSteps: 1_000_000, timeLimit: 2, earlyStoppingPatience: 3 }));
    expect(limited.mayEndEarlier).toBe(true);
    expect(limited.seconds.total.low).toBeLessThanOrEqual(2 + limited.seconds.preparation);
    const alone = await dryRun(options({ validation: undefined }));
    expect(alone).toMatchObject({ evaluations: 0, disk: { checkpoints: 0, free: undefined } });
    expect(alone.baseline).toBeUndefined();
    expect(alone.seconds.evaluation).toEqual({ low: 0, high: 0 });
    expect(alone.seconds.saving).toEqual({ low: 0, high: 0 });
  });

  it("knows how many checkpoints there are at a time", async () => {
    const output = folder.path("kept");
    const disk = async (more: Partial<FineTuneOptions>) => {
      const { model, checkpoints } = (await dryRun(options({ output, maxSteps: 8, ...more }))).disk;
      return checkpoints / model;
    };
    expect(await disk({ saveSteps: 2 })).toBe(2 * 4);
    expect(await disk({ saveSteps: 2, saveTotalLimit: 9, validation: undefined })).toBe(3 * 3);
    expect(await disk({ saveStrategy: "no" })).toBe(0);
  });

  it("refuses what the run refuses, and to go on with one", async () => {
    const output = folder.path("taken");
    mkdirSync(output);
    writeFileSync(folder.path("taken", "mine.txt"), "");
    const both = [dryRun(options({ output })), fineTune(options({ output }))].map(refusal);
    const [tried, done] = await Promise.all(both);
    expect(tried).toContain("the folder is not empty (mine.txt)");
    expect(tried).toBe(done);
    expect(await refusal(dryRun(options({ output, resume: true })))).toContain("resume has no meaning");
  });

  it("ends on an abort", async () => {
    const [controller, reason] = [new AbortController(), new Error("stop")];
    const onEvent = ({ type }: TrainingEvent) => type === "memory" && controller.abort(reason);
    const ended = dryRun(options({ signal: controller.signal, onEvent: (event) => void onEvent(event) }));
    await expect(ended).rejects.toBe(reason);
  });
});
