/** Runs that stop and go on, from end to end: what they go on from, what they refuse, and what they leave. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { torture } from "../src/apps/torture/torture.ts";
import { type FineTuneOptions, fineTune, type TrainingEvent, verifyRun } from "../src/node.ts";
import { refusal } from "./helpers/refusal.ts";
import { makeFolder, sentimentRows } from "./helpers/tiny-runs.ts";

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const STEPS = 12;

interface Extra extends Partial<FineTuneOptions> {
  /** The step after which the run is stopped. */
  stopAt?: number;
}

async function train(output: string, { stopAt, ...options }: Extra = {}) {
  const events: TrainingEvent[] = [];
  const controller = new AbortController();
  const run = fineTune({
    task: "text-classification",
    model: folder.model,
    train: sentimentRows(40),
    validation: sentimentRows(8),
    output: folder.path(output),
    ...{ maxSteps: STEPS, perDeviceTrainBatchSize: 8, evalSteps: 4, threads: 1, learningRate: 1e-3 },
    ...options,
    signal: controller.signal,
    onEvent: (event) => {
      events.push(event);
      if (event.type === "step" && event.step === stopAt) controller.abort();
    },
  });
  if (stopAt === undefined) return { result: await run, events };
  const error = await run.catch((reason: unknown) => reason);
  expect(error).toBe(controller.signal.reason);
  return { events };
}

const json = (...parts: string[]) => JSON.parse(readFileSync(folder.path(...parts), "utf8"));
const bytes = (...parts: string[]) => readFileSync(folder.path(...parts));

/** metrics.jsonl without its times. */
function record(output: string): object[] {
  const lines = bytes(output, "metrics.jsonl").toString().trimEnd().split("\n");
  return lines.map((line) => {
    const { seconds: _, tokens_per_second: __, ...rest } = JSON.parse(line);
    return rest;
  });
}

describe("a run that was stopped", () => {
  it("goes on where it was, to the same model, and leaves no checkpoints", async () => {
    const { result } = await train("straight");
    await train("stopped", { stopAt: 5 });
    expect(readdirSync(folder.path("stopped")).sort()).toEqual([
      ...["checkpoints", "metrics.jsonl", "plots", "report.html", "results.csv", "run.json"],
    ]);
    expect(readdirSync(folder.path("stopped", "checkpoints"))).toEqual(["step-5"]);
    const resumed = await train("stopped", { resume: true });
    expect(resumed.result).toMatchObject({
      resumedFromStep: 5,
      metrics: result?.metrics,
      kept: result?.kept,
    });
    expect(result?.kept).toMatchObject({ step: expect.any(Number), epoch: result!.kept!.step / 5 });
    const steps = resumed.events.filter((event) => event.type === "step").map(({ step }) => step);
    expect(steps[0]).toBe(6);
    for (const file of ["model.safetensors", "trainer_state.json", "all_results.json"]) {
      expect(bytes("stopped", file).equals(bytes("straight", file)), file).toBe(true);
    }
    expect(readdirSync(folder.path("stopped"))).toEqual(readdirSync(folder.path("straight")));
    expect(record("stopped")).toEqual(record("straight"));
    for (const file of ["predictions.jsonl", "errors.csv", "evaluation.json"]) {
      expect(bytes("stopped", file).equals(bytes("straight", file)), file).toBe(true);
    }
    expect(json("stopped", "run.json")).toMatchObject({ status: "finished", resumed_from: [5] });
    expect(json("stopped", "run.json").drift).toBeUndefined();
  });

  it("keeps the best weights by themselves only where the checkpoint has later ones", async () => {
    await train("best", { stopAt: 5, saveTotalLimit: 2 });
    const files = (step: number) => readdirSync(folder.path("best", "checkpoints", `step-${step}`));
    expect(files(4)).toEqual(["model.safetensors", "optimizer.safetensors", "state.json"]);
    expect(files(5)).toContain("best.safetensors");
    const named = folder.path("best", "checkpoints", "step-4");
    const { result } = await train("best-on", { resume: named });
    expect(result?.resumedFromStep).toBe(4);
    expect(bytes("best-on", "model.safetensors").equals(bytes("straight", "model.safetensors"))).toBe(true);
  });

  it("is refused without a word on what is to become of it, and replaced where that is said", async () => {
    await train("refused", { stopAt: 2 });
    const message = await refusal(train("refused"));
    expect(message).toMatch(/a run is there that did not come to its end\.\n.*--resume.*--overwrite/);
    const { events } = await train("refused", { overwrite: true });
    expect(events.find((event) => event.type === "step")?.step).toBe(1);
    expect(existsSync(folder.path("refused", "checkpoints"))).toBe(false);
  });

  it("goes on from a checkpoint that is named, in another folder too", async () => {
    await train("source", { stopAt: 7, saveSteps: 2, saveTotalLimit: 2 });
    expect(readdirSync(folder.path("source", "checkpoints")).sort()).toEqual(["step-6", "step-7"]);
    const named = folder.path("source", "checkpoints", "step-6");
    const { result } = await train("elsewhere", { resume: named });
    expect(result?.resumedFromStep).toBe(6);
    expect(bytes("elsewhere", "model.safetensors").equals(bytes("straight", "model.safetensors"))).toBe(true);
    writeFileSync(`${named}/optimizer.safetensors`, "x");
    expect(await refusal(train("elsewhere-2", { resume: named }))).toContain(
      "optimizer.safetensors is missing",
    );
    expect(await refusal(train("elsewhere-2", { resume: folder.path("none") }))).toContain("no checkpoint");
  });

  it("begins at the start where none is", async () => {
    const { result } = await train("new", { resume: true });
    expect(result?.resumedFromStep).toBeUndefined();
  });

  it("that is done, by a process that was killed as it removed the checkpoints, is tidied", async () => {
    const left = folder.path("straight", ".checkpoints.999999999-0123456789ab.tmp");
    mkdirSync(left);
    writeFileSync(folder.path("straight", ".lock"), "999999999\n");
    await train("straight", { resume: true });
    expect(readdirSync(folder.path("straight")).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("that is done changes nothing", async () => {
    const before = bytes("straight", "run.json");
    const { result, events } = await train("straight", { resume: true });
    expect(events).toEqual([{ type: "finished", folder: folder.path("straight") }]);
    expect(result?.metrics).toEqual((await train("straight", { resume: true })).result?.metrics);
    expect(result?.metrics.accuracy).toBeGreaterThanOrEqual(0);
    expect(bytes("straight", "run.json").equals(before)).toBe(true);
  });
});

it("a run that was killed before it could remove its checkpoints is done, and they go", async () => {
  await train("killed", { stopAt: 5 });
  const rest = folder.path("rest");
  cpSync(folder.path("killed", "checkpoints"), rest, { recursive: true });
  await train("killed", { resume: true });
  cpSync(rest, folder.path("killed", "checkpoints"), { recursive: true });
  const { events } = await train("killed", { resume: true });
  expect(events.map(({ type }) => type)).toEqual(["finished"]);
  expect(readdirSync(folder.path("killed"))).toEqual(readdirSync(folder.path("straight")));
});

describe("another ground", () => {
  beforeAll(() => train("drift", { stopAt: 5 }));

  it.each<[string, Extra, RegExp]>([
    ["an option", { learningRate: 2e-3 }, /learningRate was 0\.001, now 0\.002/],
    ["an option that was not given", { weightDecay: 0.1 }, /weightDecay was 0\.01, now 0\.1/],
    ["threads", { threads: 2 }, /threads was 1, now 2/],
    ["a runtime", { runtime: "onnxruntime-binding" }, /runtime was onnxruntime, now onnxruntime-binding/],
    ["data", { train: sentimentRows(42) }, /train has another content/],
    ["less data", { validation: undefined, evalSteps: undefined }, /validation has another content/],
  ])("%s is refused by name", async (_what, options, expected) => {
    expect(await refusal(train("drift", { resume: true, ...options }))).toMatch(expected);
    expect(readdirSync(folder.path("drift", "checkpoints"))).toEqual(["step-5"]);
  });

  it("without validation rows keeps the best weights there were, with their metrics", async () => {
    cpSync(folder.path("drift"), folder.path("blind"), { recursive: true });
    const best = bytes("blind", "checkpoints", "step-5", "best.safetensors");
    const { state } = json("blind", "checkpoints", "step-5", "state.json").content;
    const options = { resume: true, allowDrift: true, validation: undefined, evalSteps: undefined };
    const { result } = await train("blind", { ...options, saveSteps: 7 });
    expect(result?.metrics).toEqual(state.best.metrics);
    expect(state.best.step).toBe(4);
    expect(bytes("blind", "model.safetensors").equals(best)).toBe(true);
  });

  it("is taken where that is asked for, and noted", async () => {
    const options = { resume: true, allowDrift: true, learningRate: 2e-3 };
    expect((await train("drift", options)).result?.resumedFromStep).toBe(5);
    expect(json("drift", "run.json")).toMatchObject({
      resumed_from: [5],
      drift: expect.arrayContaining([{ name: "learningRate", before: 1e-3, now: 2e-3 }]),
    });
  });
});

it("what is frozen stays so, and the rest has the bits of a run without a stop", async () => {
  const freeze = ["embeddings"];
  await train("frozen-straight", { freeze });
  await train("frozen", { freeze, stopAt: 6 });
  await train("frozen", { freeze, resume: true });
  expect(bytes("frozen", "model.safetensors").equals(bytes("frozen-straight", "model.safetensors"))).toBe(
    true,
  );
});

it("a run that a step stopped goes on with those steps left out, as one that left them out from its start", async () => {
  // The number of one row is none in float32.
  const rows = Array.from({ length: 40 }, (_, i) => ({
    text: `day ${i % 7}`,
    label: i === 9 ? 1e39 : i / 10,
  }));
  const options = { train: rows, validation: undefined, evalSteps: undefined, saveSteps: 1, maxSteps: 8 };
  await train("skipping-straight", { ...options, onNonFinite: "skip" });
  expect(await refusal(train("skipping", options))).toContain("the loss is Infinity");
  const { result } = await train("skipping", { ...options, onNonFinite: "skip", resume: true });
  expect(result?.resumedFromStep).toBeGreaterThan(0);
  expect(bytes("skipping", "model.safetensors").equals(bytes("skipping-straight", "model.safetensors"))).toBe(
    true,
  );
});

it("a time limit and how often to save may change", async () => {
  await train("free", { stopAt: 3, timeLimit: 1000 });
  const { result } = await train("free", { resume: true, saveSteps: 5 });
  expect(result?.resumedFromStep).toBe(3);
});

it("no checkpoints are left where none are wanted", async () => {
  await train("none", { stopAt: 3, saveStrategy: "no" });
  expect(readdirSync(folder.path("none"))).toEqual(["metrics.jsonl", "plots", "report.html", "run.json"]);
});

describe("verifyRun", () => {
  it("finds the same bits in a stretch that is stopped, and leaves nothing", async () => {
    for (const [name, rows] of [
      ["train", 40],
      ["dev", 8],
    ] as const) {
      const lines = sentimentRows(rows).map(({ text, label }) => `${text}\t${label}`);
      writeFileSync(folder.path(`${name}.tsv`), `text\tlabel\n${lines.join("\n")}\n`);
    }
    const files = { train: folder.path("train.tsv"), validation: folder.path("dev.tsv") };
    await train("verified", files);
    const before = readdirSync(folder.path("verified"));
    const result = await verifyRun({ run: folder.path("verified"), steps: 5 });
    expect(result).toMatchObject({ steps: 5, stoppedAfter: 2, differing: [], drift: [] });
    expect(result.tensors).toBeGreaterThan(100);
    expect(result.gradients.differing).toEqual([]);
    expect(result.export).toMatchObject({ differing: [], rows: 4, differingRows: [] });
    expect(result.export.tensors).toBeGreaterThan(30);
    expect(result.gradients.compared).toBeGreaterThan(result.gradients.tensors / 2);
    expect(readdirSync(folder.path("verified"))).toEqual(before);
  });

  it("refuses rows that were in memory, and a folder that is no run's", async () => {
    expect(await refusal(verifyRun({ run: folder.path("straight") }))).toContain("its rows were in memory");
    expect(await refusal(verifyRun({ run: folder.path("model") }))).toContain("run.json is missing");
  });
});

it("every kind of run goes on to the same bits, from a stop inside a step as well", async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const status = await torture(["--suite", "resume", "--quick"], { stdout, stderr });
  expect([status, stderr.read()?.toString() ?? ""]).toEqual([0, ""]);
  expect(stdout.read().toString()).toMatch(/^resume: \d+ cases held/m);
});
