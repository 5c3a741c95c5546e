/** `train` beyond one run of given flags: options from a file, options printed, a run a seed. */
import { describe, expect, it } from "vitest";
import { fakeHost, run } from "../../../../test/cli/fake-host.ts";

const TRAIN = ["train", "--train", "t.tsv", "--output", "m", "--progress", "none"];

describe("--config", () => {
  it("hands the file and the flags on, and runs with what comes back", async () => {
    const { calls, status } = await run([...TRAIN, "--config", "run.json", "--seed", "7", "--no-header"]);
    expect(status).toBe(0);
    const own = { train: "t.tsv", output: "m", seed: 7, header: false };
    expect(calls.withOptionsFile).toEqual([["run.json", own]]);
    expect(calls.fineTune[0]).toMatchObject({
      ...own,
      learningRate: 1e-3,
      origins: { learningRate: "file" },
    });
  });

  it("may have what else must be given", async () => {
    const { calls } = await run(["train", "--config", "run.json", "--output", "m", "--progress", "none"]);
    expect(calls.fineTune[0]).toMatchObject({ train: "file.tsv", task: "text-classification" });
  });

  it("does not overrule what contradicts itself", async () => {
    const { status, stderr } = await run([...TRAIN, "--config", "run.json", "--seeds", "1,2"]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("--seeds and --seed both say the seed")]);
  });
});

describe("--print-config", () => {
  it("prints the options as a file of options has them, and trains nothing", async () => {
    const { calls, stdout } = await run([
      ...["train", "--train", "t.tsv", "--print-config", "--epochs", "2"],
      ...["--progress", "none"],
    ]);
    expect(JSON.parse(stdout)).toEqual({ options: { seed: { value: 42, origin: "default" } } });
    expect(calls.previewOptions[0]).toMatchObject({ train: "t.tsv", numTrainEpochs: 2 });
    expect(calls.previewOptions[0]).not.toHaveProperty("printConfig");
    expect(calls.fineTune).toEqual([]);
  });

  it.each(["--print-config", "--dry-run"])("%s is of one run", async (flag) => {
    const { status, stderr } = await run([...TRAIN, flag, "--seeds", "1,2"]);
    expect([status, stderr]).toEqual([2, `Error: ${flag} is of one run: leave out --seeds.\n`]);
  });
});

describe("--seeds", () => {
  const seeds = ["--seeds", "3,5", "--validation", "v.tsv"];

  it("runs once a seed and prints a table, the deciding metric first", async () => {
    const { calls, stdout } = await run([...TRAIN, ...seeds]);
    expect(calls.fineTuneSeeds[0]).toMatchObject({ seeds: [3, 5], output: "m", validation: "v.tsv" });
    expect(calls.fineTune).toEqual([]);
    expect(stdout).toBe(`
seed  accuracy      f1
3       0.5000  0.2500
5       0.6250  0.2500
mean    0.5625  0.2500
std     0.0884  0.0000

Best by accuracy: seed 5, in m/seed-5 (2 runs, 2.0 s)
`);
  });

  it("prints one object with --json", async () => {
    const { stdout } = await run([...TRAIN, ...seeds, "--json"]);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(JSON.parse(stdout)).toEqual({
      task: "text-classification",
      runs: [
        { seed: 3, output: "m/seed-3", metrics: { f1: 0.25, accuracy: 0.5 }, seconds: 1 },
        { seed: 5, output: "m/seed-5", metrics: { f1: 0.25, accuracy: 0.625 }, seconds: 1 },
      ],
      metrics: { f1: { mean: 0.25, std: 0 }, accuracy: { mean: 0.5625, std: 0.0884 } },
      metric: "accuracy",
      best: { seed: 5, output: "m/seed-5" },
      seconds: 2.001,
    });
  });

  it("says which run the progress is of", async () => {
    const { stderr } = await run([...TRAIN.slice(0, -1), "lines", ...seeds]);
    expect(stderr).toMatch(/^Seed 3, run 1 of 2\.\nRecipe:\nSeed 5, run 2 of 2\.\nRecipe:\n$/);
  });

  it.each([
    ["1,x", '--seeds "1,x": not a number.'],
    ["1,,2", '--seeds "1,,2": not a number.'],
    ["1,2.5", '--seeds "1,2.5": it takes a whole number'],
  ])("refuses %s", async (value, expected) => {
    const { status, stderr } = await run([...TRAIN, "--seeds", value]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(expected)]);
  });
});

it("shares of rows are numbers between 0 and 1", async () => {
  const given = ["--validation-split", "0.1", "--fraction", "1", "--split-seed", "0"];
  const { calls } = await run([...TRAIN, ...given]);
  expect(calls.fineTune[0]).toMatchObject({ validationSplit: 0.1, fraction: 1, splitSeed: 0 });
  for (const wrong of [
    ["--validation-split", "1"],
    ["--validation-split", "0"],
    ["--fraction", "1.5"],
  ]) {
    expect((await run([...TRAIN, ...wrong])).status).toBe(2);
  }
});

it("a share that was held out is what was measured on", async () => {
  const host = fakeHost({
    fineTune: async ({ output }) => {
      const measured = { metrics: { accuracy: 0.75 }, metric: "accuracy" };
      const kept = { epoch: 1, step: 9, baseline: 0.5 };
      const costs = { seconds: 1, tokensPerSecond: 1, peakMemoryMb: 1, plannedMemoryMb: 1 };
      return { output, task: "text-classification", ...measured, kept, ...costs };
    },
  });
  const { stdout } = await run([...TRAIN, "--validation-split", "0.15"], host);
  expect(stdout).toContain("accuracy 0.7500 on 15 % of t.tsv");
  expect(stdout).toContain("evaluate --model m --data FILE\n");
});
