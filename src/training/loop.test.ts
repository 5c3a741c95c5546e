/** The loop with a step and a scorer that follow a script: which weights are kept, which events come, what stops it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openSizes } from "../../test/helpers/scratch.ts";
import { ScratchFiles } from "../files/scratch-files.ts";
import { Features } from "../tasks/features.ts";
import type { Evaluation, Task } from "../tasks/task.ts";
import { NonFiniteError } from "../util/errors.ts";
import type { TrainingEvent } from "./events.ts";
import { type LoopOptions, runLoop } from "./loop.ts";
import { ParameterStore } from "./parameter-store.ts";
import { createSchedule } from "./schedule.ts";
import type { Scorer } from "./scorer.ts";
import type { StepPlace, StepResult, TrainingStep } from "./training-step.ts";
import { WeightsCopy } from "./weights-copy.ts";

const ROWS = 8;

const folder = mkdtempSync(join(tmpdir(), "loop-"));
const scratch = new ScratchFiles(folder);
afterAll(() => {
  scratch.close();
  rmSync(folder, { recursive: true });
});

function rows(count: number): Features {
  const features = new Features(10);
  for (let i = 0; i < count; i++) features.add([1, 2], 2);
  features.setLabels({ width: 1, values: new Float32Array(count) });
  return features;
}

interface Script {
  /** The metric of each evaluation, in order; without, there is no validation. */
  values?: number[];
  metric?: string;
  greaterIsBetter?: boolean;
  /** `poison`: the step leaves a weight that is not finite. */
  result?: (step: number) => Partial<StepResult> & { poison?: boolean };
  onEvent?: (event: TrainingEvent) => void;
}

/** Each step sets the only weight to the steps done; two steps are an epoch. */
async function run(
  { values, metric = "accuracy", greaterIsBetter, result, onEvent }: Script,
  given: Partial<LoopOptions> = {},
) {
  const spec = { name: "classifier.weight", dims: [1], initializer: "zeros", table: false } as const;
  const store = await ParameterStore.create([spec], { training: false, batchBytes: 0 });
  const { weight } = store.get(spec.name);
  const calls: { step: number; rate: number; skipped: number; rows: number[] }[] = [];
  const events: TrainingEvent[] = [];
  const step = {
    run: async (_features: Features, micro: Uint32Array[], place: StepPlace) => {
      const { step: number, learningRate: rate, skipped = 0 } = place;
      calls.push({ step: number, rate, skipped, rows: micro.flatMap((batch) => [...batch]) });
      const outcome: StepResult & { poison?: boolean } = {
        loss: 1 / (number + 1),
        gradientNorm: 2,
        tokens: 8,
        ...result?.(number),
      };
      if (!outcome.nonFinite) weight[0] = outcome.poison ? Number.NaN : number + 1;
      return outcome;
    },
  };
  const scripted = [...(values ?? [])];
  const evaluation: Evaluation = { update: () => {}, compute: () => ({ [metric]: scripted.shift()! }) };
  const scorer = {
    score: async (
      _rows: Features,
      _onRow: unknown,
      options: { onProgress(done: number, total: number): void },
    ) => options.onProgress(3, 3),
  };
  const options: LoopOptions = {
    task: { evaluation: () => evaluation } as unknown as Task,
    step: step as unknown as TrainingStep,
    store,
    train: rows(ROWS),
    validation: values && {
      data: { features: rows(3) },
      scorer: scorer as unknown as Scorer,
      metric,
      baseline: 0.5,
      greaterIsBetter,
    },
    bestCopy: new WeightsCopy(store, scratch, (event) => events.push(event)),
    totalSteps: 6,
    batchSize: 4,
    accumulation: 1,
    learningRate: 0.1,
    schedule: createSchedule("linear", { warmupSteps: 2, totalSteps: 6, learningRate: 0.1 }),
    seed: 1,
    groupByLength: false,
    rowUnit: "row",
    weightDecay: 0,
    maxGradNorm: 0,
    adamBeta1: 0.9,
    adamBeta2: 0.999,
    adamEpsilon: 1e-8,
    adamBiasCorrection: true,
    emit: (event) => {
      events.push(event);
      onEvent?.(event);
    },
    ...given,
  };
  const outcome = runLoop(options);
  return { outcome, weight, calls, events };
}

describe("the kept weights", () => {
  it.each([
    ["the first", [0.9, 0.8, 0.7], 2],
    ["one in the middle", [0.5, 0.9, 0.7], 4],
    ["the last", [0.5, 0.6, 0.7], 6],
    ["the earliest of equal ones", [0.9, 0.9, 0.9], 2],
  ])("are %s where that was best", async (_what, values, best) => {
    const { outcome, weight } = await run({ values });
    const { bestStep, metrics } = await outcome;
    expect([bestStep, weight[0]]).toEqual([best, best]);
    expect(metrics).toEqual({ accuracy: Math.max(...values) });
    expect(new Set(openSizes(folder) ?? [0])).toEqual(new Set([0])); // the copy's room is given back
  });

  it.each(["mse", "mae", "hamming_loss"])("have the lowest %s", async (metric) => {
    const { outcome, weight } = await run({ values: [0.5, 0.1, 0.3], metric });
    expect((await outcome).metrics).toEqual({ [metric]: 0.1 });
    expect(weight[0]).toBe(4);
  });

  it("are some even where the metric is never a number", async () => {
    const { outcome, weight } = await run({ values: [Number.NaN, Number.NaN, Number.NaN] });
    expect((await outcome).bestStep).toBe(2);
    expect(weight[0]).toBe(2);
  });

  it("prefer a number to none", async () => {
    const { outcome, weight } = await run({ values: [Number.NaN, 0.2, Number.NaN] });
    await outcome;
    expect(weight[0]).toBe(4);
  });

  it("are the last without validation", async () => {
    const { outcome, weight, events } = await run({});
    expect(await outcome).toMatchObject({ metrics: {}, bestStep: 6 });
    expect(weight[0]).toBe(6);
    expect(events.every(({ type }) => type === "step")).toBe(true);
  });
});

describe("the steps", () => {
  it("follow the schedule and visit each row once an epoch", async () => {
    const { outcome, calls } = await run({});
    await outcome;
    expect(calls.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    const rates = [0, 0.05, 0.1, 0.075, 0.05, 0.025];
    calls.forEach(({ rate }, i) => {
      expect(rate, `step ${i}`).toBeCloseTo(rates[i], 12);
    });
    for (const epoch of [0, 1, 2]) {
      const visited = calls.slice(2 * epoch, 2 * epoch + 2).flatMap((call) => call.rows);
      expect(visited.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
  });

  it("have rows of one length where that is asked for", async () => {
    const train = new Features(10);
    for (let row = 0; row < ROWS; row++) {
      const ids = new Array<number>(row % 2 === 0 ? 2 : 9).fill(1);
      train.add(ids, ids.length);
    }
    train.setLabels({ width: 1, values: new Float32Array(ROWS) });
    const lengths = async (groupByLength: boolean) => {
      const { outcome, calls } = await run({}, { train, groupByLength });
      await outcome;
      return calls.map((call) => new Set(call.rows.map((row) => train.length(row))).size);
    };
    expect(await lengths(true)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(await lengths(false)).toContain(2);
  });

  it("add up to the result", async () => {
    const { outcome } = await run({ values: [0.5, 0.6, 0.7] });
    const { tokens, meanLoss, history } = await outcome;
    expect(tokens).toBe(48);
    expect(meanLoss).toBeCloseTo((1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5 + 1 / 6) / 6, 12);
    expect(history[0]).toEqual({ step: 1, epoch: 0.5, loss: 1, grad_norm: 2, learning_rate: 0 });
    expect(history.filter((entry) => "eval_accuracy" in entry)).toEqual([
      { step: 2, epoch: 1, eval_accuracy: 0.5 },
      { step: 4, epoch: 2, eval_accuracy: 0.6 },
      { step: 6, epoch: 3, eval_accuracy: 0.7 },
    ]);
  });

  it("leave at most 500 entries in the history, the last among them", async () => {
    const { outcome } = await run({}, { totalSteps: 1203 });
    const { history } = await outcome;
    expect(history.length).toBeLessThanOrEqual(500);
    expect(history.length).toBeGreaterThan(250);
    expect(history.at(-1)!.step).toBe(1203);
  });
});

describe("a rule that ends the run", () => {
  it("is patience: the metric no longer improves", async () => {
    const { outcome, weight, events } = await run(
      { values: [0.5, 0.6, 0.6, 0.9] },
      { totalSteps: 8, earlyStopping: { patience: 1, threshold: 0 } },
    );
    expect(await outcome).toMatchObject({ steps: 6, bestStep: 4, metrics: { accuracy: 0.6 } });
    expect(weight[0]).toBe(4);
    expect(events.at(-1)).toEqual({ type: "stopped", step: 6, totalSteps: 8, reason: "patience" });
  });

  it("does not show where the run is over anyway", async () => {
    const { outcome, events } = await run(
      { values: [0.5, 0.4, 0.4] },
      { earlyStopping: { patience: 2, threshold: 0 } },
    );
    expect((await outcome).steps).toBe(6);
    expect(events.at(-1)!.type).toBe("evaluation");
  });

  it("is the time limit, with an evaluation of what there is", async () => {
    const { outcome, weight, events } = await run({ values: [0.7] }, { timeLimit: 1e-9 });
    expect(await outcome).toMatchObject({ steps: 1, bestStep: 1, meanLoss: 1, metrics: { accuracy: 0.7 } });
    expect(weight[0]).toBe(1);
    expect(events.map(({ type }) => type)).toEqual(["step", "evaluating", "evaluation", "stopped"]);
    expect(events.at(-1)).toMatchObject({ step: 1, totalSteps: 6, reason: "time" });
  });

  it("is the time limit without validation too", async () => {
    const { outcome, events } = await run({}, { timeLimit: 1e-9 });
    expect(await outcome).toMatchObject({ steps: 1, bestStep: 1, metrics: {} });
    expect(events.map(({ type }) => type)).toEqual(["step", "stopped"]);
  });

  it("leaves a run alone that keeps within it", async () => {
    const { outcome } = await run(
      { values: [0.5, 0.6, 0.7] },
      { timeLimit: 3600, earlyStopping: { patience: 1, threshold: 0 } },
    );
    expect((await outcome).steps).toBe(6);
  });
});

describe("the evaluations", () => {
  it("are every so many steps where that is asked for", async () => {
    const { outcome, weight, events } = await run({ values: [0.5, 0.9] }, { totalSteps: 5, evalSteps: 3 });
    expect(await outcome).toMatchObject({ bestStep: 5, bestEpoch: 2.5 });
    expect(weight[0]).toBe(5);
    const evaluations = events.filter((event) => event.type === "evaluation");
    expect(evaluations.map(({ step, epoch }) => [step, epoch])).toEqual([
      [3, 1.5],
      [5, 2.5],
    ]);
  });

  it("take the lower value for the better one where that is said", async () => {
    const { outcome, weight } = await run({ values: [0.5, 0.3, 0.4], greaterIsBetter: false });
    expect((await outcome).metrics).toEqual({ accuracy: 0.3 });
    expect(weight[0]).toBe(4);
  });
});

describe("the events", () => {
  it("come in order, an evaluation after each epoch", async () => {
    const { outcome, events } = await run({ values: [0.5, 0.4, 0.7] });
    await outcome;
    const epoch = ["step", "step", "evaluating", "evaluation"];
    expect(events.map(({ type }) => type)).toEqual([...epoch, ...epoch, ...epoch]);
    const evaluations = events.filter((event) => event.type === "evaluation");
    expect(evaluations.map(({ best }) => best)).toEqual([true, false, true]);
    expect(evaluations[0]).toMatchObject({ epoch: 1, step: 2, metric: "accuracy", baseline: 0.5 });
    expect(events[1]).toMatchObject({ step: 2, totalSteps: 6, epoch: 1, loss: 0.5, gradientNorm: 2 });
    expect(events[2]).toEqual({ type: "evaluating", done: 3, total: 3 });
  });

  it("end with an evaluation where the steps end inside an epoch", async () => {
    const { outcome, events } = await run({ values: [0.5, 0.6] }, { totalSteps: 3 });
    expect((await outcome).bestStep).toBe(3);
    expect(events.at(-1)).toMatchObject({ type: "evaluation", epoch: 1.5, step: 3 });
  });
});

/** What a step gives whose numbers are not finite. */
const BAD = {
  loss: Number.NaN,
  gradientNorm: Number.NaN,
  nonFinite: { rows: [1], rowFault: "unknown" as const, gradients: ["classifier.weight"], state: [] },
};

describe("steps that are left out", () => {
  it("are warned of, count for nothing but the schedule, and the rest is as it was", async () => {
    const { outcome, calls, events, weight } = await run(
      { values: [0.5, 0.6, 0.7], result: (step) => ([1, 2].includes(step) ? BAD : {}) },
      { onNonFinite: "skip" },
    );
    const { steps, meanLoss, history } = await outcome;
    expect([steps, weight[0]]).toEqual([6, 6]);
    expect(meanLoss).toBeCloseTo((1 + 1 / 4 + 1 / 5 + 1 / 6) / 4, 12);
    expect(calls.map((call) => [call.step, call.skipped])).toEqual([
      ...[
        [0, 0],
        [1, 0],
        [2, 1],
      ],
      ...[
        [3, 2],
        [4, 2],
        [5, 2],
      ],
    ]);
    expect(events.map(({ type }) => type)).toEqual([
      ...["step", "warning", "evaluating", "evaluation"],
      ...["warning", "step", "evaluating", "evaluation"],
      ...["step", "step", "evaluating", "evaluation"],
    ]);
    expect(history.filter((entry) => "loss" in entry).map((entry) => entry.step)).toEqual([1, 4, 5, 6]);
  });

  it("end the run where there is no other", async () => {
    const { outcome, calls } = await run({ result: () => BAD }, { onNonFinite: "skip" });
    await expect(outcome).rejects.toThrow(NonFiniteError);
    expect(calls).toHaveLength(6);
  });
});

describe("what stops it", () => {
  it("numbers that are not finite, before they are an event", async () => {
    const { outcome, calls, events, weight } = await run({ result: (step) => (step === 3 ? BAD : {}) });
    await expect(outcome).rejects.toThrow(NonFiniteError);
    expect([calls.length, events.length, weight[0]]).toEqual([4, 3, 3]);
  });

  it("weights that are not finite, before they are measured", async () => {
    const script: Script = { values: [0.5, 0.6, 0.7] };
    const poisoned = await run({ ...script, result: (step) => (step === 3 ? { poison: true } : {}) });
    await expect(poisoned.outcome).rejects.toThrow(/^step 4: classifier.weight has numbers/);
    expect(poisoned.events.filter(({ type }) => type === "evaluation")).toHaveLength(1);
  });

  it("an abort, with its reason, before the next step", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const onEvent = (event: TrainingEvent) => {
      if (event.type === "step" && event.step === 2) controller.abort(reason);
    };
    const { outcome, calls } = await run({ onEvent }, { signal: controller.signal });
    await expect(outcome).rejects.toBe(reason);
    expect(calls.length).toBe(2);
  });
});
