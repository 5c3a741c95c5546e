/** Runs of several seeds: a folder each, and what their metrics have in common. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FineTuneSeedsOptions, fineTuneSeeds } from "../src/node.ts";
import { refusal } from "./helpers/refusal.ts";
import { makeFolder, sentimentRows } from "./helpers/tiny-runs.ts";

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const run = (options: Partial<FineTuneSeedsOptions> = {}) =>
  fineTuneSeeds({
    ...{ task: "text-classification", model: folder.model, train: sentimentRows(32), threads: 1 },
    ...{ validation: sentimentRows(24), maxSteps: 3, learningRate: 3e-3, seeds: [1, 2, 3] },
    ...options,
  });

it("go to a folder each, with other weights, and are measured together", async () => {
  const seen: number[] = [];
  const output = folder.path("seeds");
  const result = await run({ output, onEvent: ({ type }, seed) => type === "saved" && seen.push(seed) });
  expect(seen).toEqual([1, 2, 3]);
  const read = (seed: number, name: string) => readFileSync(folder.path("seeds", `seed-${seed}`, name));
  const weights = [1, 2, 3].map((seed) => read(seed, "model.safetensors").toString("latin1"));
  expect(new Set(weights).size).toBe(3);
  for (const seed of [1, 2, 3]) {
    expect(JSON.parse(read(seed, "run.json").toString()).options.seed).toEqual({
      value: seed,
      origin: "given",
    });
  }
  const losses = [1, 2, 3].map((seed) => JSON.parse(read(seed, "all_results.json").toString()));
  const values = result.runs.map(({ metrics }) => metrics.accuracy);
  expect(values).toEqual(losses.map(({ eval_accuracy }) => eval_accuracy));
  const mean = (values[0] + values[1] + values[2]) / 3;
  expect(result.metrics.accuracy.mean).toBeCloseTo(mean, 12);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  expect(result.metrics.accuracy.std).toBeCloseTo(Math.sqrt(squares / 2), 12);
  expect(result.metric).toBe("accuracy");
  const best = result.runs.find(({ seed }) => seed === result.best);
  expect(best?.metrics.accuracy).toBe(Math.max(...values));
  expect(best?.output).toBe(`${output}/seed-${result.best}`);
});

it("are all refused where one folder is taken, before the first run", async () => {
  const output = folder.path("taken");
  await run({ output, seeds: [5, 6], maxSteps: 1 });
  expect(await refusal(run({ output, seeds: [4, 5] }))).toContain("seed-5");
  expect(existsSync(folder.path("taken", "seed-4"))).toBe(false);
});

it("go on where they stopped: what is done is not done again, and counts", async () => {
  const output = folder.path("stopped");
  const controller = new AbortController();
  const stop: FineTuneSeedsOptions["onEvent"] = ({ type }, seed) => {
    if (seed === 2 && type === "step") controller.abort(new Error("enough"));
  };
  await expect(run({ output, onEvent: stop, signal: controller.signal })).rejects.toThrow("enough");
  expect(await refusal(run({ output }))).toContain("seed-1");
  const seen: [number, string][] = [];
  const onEvent: FineTuneSeedsOptions["onEvent"] = ({ type }, seed) =>
    /finished|resumed|saved/.test(type) && seen.push([seed, type]);
  const resumed = await run({ output, resume: true, onEvent });
  expect(seen).toEqual([
    [1, "finished"],
    [2, "resumed"],
    [2, "saved"],
    [3, "saved"],
  ]);
  const straight = await run();
  expect(resumed.metrics).toEqual(straight.metrics);
  expect([resumed.metric, resumed.best]).toEqual([straight.metric, straight.best]);
});

it("are best by the least where the metric is a distance", async () => {
  const rows = Array.from({ length: 24 }, (_, i) => ({ text: i % 2 === 0 ? "good" : "bad", label: i / 7 }));
  const { metric, runs, best } = await run({ train: rows, validation: rows, metricForBestModel: "mse" });
  expect(metric).toBe("mse");
  const values = runs.map(({ metrics }) => metrics.mse);
  expect(runs.find(({ seed }) => seed === best)?.metrics.mse).toBe(Math.min(...values));
});

it.each<[string, Partial<FineTuneSeedsOptions>, string]>([
  ["one seed", { seeds: [1] }, "two at least"],
  ["a seed twice", { seeds: [1, 2, 1] }, "each once"],
  ["a seed that is none", { seeds: [1, -2] }, "seed is -2"],
  ["the checkpoint of one run", { resume: "runs/1/checkpoints/step-3" }, "resume names the checkpoint"],
  ["no validation", { validation: undefined }, "nothing is measured"],
])("%s is refused", async (_name, options, expected) => {
  expect(await refusal(run(options))).toContain(expected);
});
