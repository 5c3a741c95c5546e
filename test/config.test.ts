/** An earlier run's run.json as options: the same run again, to the bit; and what a run would use, told before it. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FineTuneOptions, fineTune, previewOptions, withOptionsFile } from "../src/node.ts";
import { tinyRows } from "./cli/tiny-model.ts";
import { makeFolder } from "./helpers/tiny-runs.ts";

let folder: ReturnType<typeof makeFolder>;
let options: FineTuneOptions;
beforeAll(() => {
  folder = makeFolder();
  writeFileSync(folder.path("train.tsv"), tinyRows(40));
  options = {
    ...{ task: "text-classification", model: folder.model, train: folder.path("train.tsv"), threads: 1 },
    ...{ validationSplit: 0.2, numTrainEpochs: 2, perDeviceTrainBatchSize: 8, dropout: 0.1, seed: 7 },
    ...{ lrSchedulerType: "cosine_with_restarts", lrSchedulerKwargs: { num_cycles: 2 } },
  };
});
afterAll(() => folder.remove());

const runFile = (name: string) => JSON.parse(readFileSync(folder.path(name, "run.json"), "utf8"));
const weights = (name: string) => readFileSync(folder.path(name, "model.safetensors"));
type Recorded = Record<string, { value: unknown; origin: string }>;
const valuesOf = (recorded: Recorded) =>
  Object.fromEntries(Object.entries(recorded).map(([name, { value }]) => [name, value]));

it("a run of a run.json has the same options, from the file, and the same weights", async () => {
  await fineTune({ ...options, output: folder.path("first") });
  const given = { output: folder.path("second") };
  const again = await withOptionsFile(folder.path("first", "run.json"), given);
  await fineTune(again as FineTuneOptions);
  const [first, second] = [runFile("first"), runFile("second")];
  expect(valuesOf(second.options)).toEqual(valuesOf(first.options));
  expect(second.options.seed).toEqual({ value: 7, origin: "file" });
  expect(second.options.layerDecay).toEqual({ value: 1, origin: "file" });
  expect(second.options.weightDecay.origin).toBe("default");
  expect(weights("second").equals(weights("first"))).toBe(true);
  const other = await withOptionsFile(folder.path("first", "run.json"), {
    ...given,
    seed: 8,
    overwrite: true,
  });
  await fineTune(other as FineTuneOptions);
  expect(runFile("second").options.seed).toEqual({ value: 8, origin: "given" });
  expect(weights("second").equals(weights("first"))).toBe(false);
});

it("what a run would use is what its run.json says", async () => {
  const told = await previewOptions(options);
  await fineTune({ ...options, output: folder.path("third") });
  expect(runFile("third").options).toEqual(JSON.parse(JSON.stringify(told)));
  expect(told.learningRate.origin).toBe("recipe");
  writeFileSync(folder.path("told.json"), JSON.stringify({ options: told }));
  const again = await withOptionsFile(folder.path("told.json"), { output: folder.path("fourth") });
  await fineTune(again as FineTuneOptions);
  expect(weights("fourth").equals(weights("third"))).toBe(true);
});

it("a mistake in an option or the data is one here as well", async () => {
  await expect(previewOptions({ ...options, dropout: 2 })).rejects.toThrow("dropout is 2");
  await expect(previewOptions({ ...options, train: "nowhere.tsv" })).rejects.toThrow("nowhere.tsv");
});
