/** A run that stops and goes on against one that does not: the same bits in weights, moments, state. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../../test/helpers/refusal.ts";
import { tinyRows, tinyStep } from "../../../test/helpers/tiny-step.ts";
import { currentDisk, type Disk, withDisk } from "../../files/disk.ts";
import { ScratchFiles } from "../../files/scratch-files.ts";
import type { Task } from "../../tasks/task.ts";
import type { TrainingEvent } from "../events.ts";
import { type LoopOptions, runLoop } from "../loop.ts";
import { firstState, type LoopState } from "../loop-state.ts";
import { ParameterStore } from "../parameter-store.ts";
import { createSchedule } from "../schedule.ts";
import { WeightsCopy } from "../weights-copy.ts";
import { loadCheckpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { CheckpointFolder, latestCheckpoint } from "./checkpoint-folder.ts";

const STEPS = 10;

let output: string;
let scratch: ScratchFiles;
beforeEach(async () => {
  output = await mkdtemp(join(tmpdir(), "checkpoint-"));
  scratch = new ScratchFiles(join(output, "scratch"));
});
afterEach(() => {
  scratch.close();
  return rm(output, { recursive: true });
});

const at = (step: number) => join(output, "checkpoints", `step-${step}`);

interface Run {
  from?: number;
  /** The abort comes when a step is done, or so many turns of the event loop later, in the next one. */
  stopAfter?: number;
  turns?: number;
  limit?: number;
  every?: number;
}

/** Dropout, an accumulation of two, shuffled rows of many lengths, a last batch that is short. */
async function run({ from, stopAfter = STEPS, turns, limit = STEPS, every = 1 }: Run) {
  const { step, store } = await tinyStep({ dropout: 0.2, accumulation: 2 });
  const controller = new AbortController();
  const events: TrainingEvent[] = [];
  const emit = (event: TrainingEvent) => {
    events.push(event);
    if (event.type !== "step" || event.step !== stopAfter) return;
    if (turns === undefined) controller.abort();
    else abortLater(controller, turns);
  };
  const found = from === undefined ? undefined : await readCheckpoint(at(from));
  const bestCopy = new WeightsCopy(store, scratch, emit);
  if (found) await loadCheckpoint(found, store, bestCopy);
  const folder = await CheckpointFolder.open(output, from ?? 0);
  const schedule = { warmupSteps: 2, totalSteps: STEPS, learningRate: 0.01 };
  const options: LoopOptions = {
    task: {} as Task,
    ...{ step, store, bestCopy, emit, start: found?.state, signal: controller.signal },
    train: tinyRows(Array.from({ length: 19 }, (_, i) => 3 + ((5 * i) % 11))),
    ...{ totalSteps: STEPS, batchSize: 3, accumulation: 2, seed: 5, groupByLength: false },
    ...{ learningRate: 0.01, schedule: createSchedule("linear", schedule) },
    ...{ weightDecay: 0.01, maxGradNorm: 1, adamBeta1: 0.9, adamBeta2: 0.999, adamEpsilon: 1e-8 },
    ...{ adamBiasCorrection: true, rowUnit: "row" },
    checkpoints: {
      every,
      save: (state) => folder.save(store, { state, ground: { seed: 5 } }, { limit, emit }),
    },
  };
  try {
    await runLoop(options);
  } catch (error) {
    expect(error).toBe(controller.signal.reason);
  } finally {
    step.dispose();
  }
  return { store, events };
}

function abortLater(controller: AbortController, turns: number): void {
  if (turns === 0) controller.abort();
  else setImmediate(() => abortLater(controller, turns - 1));
}

/** What a checkpoint says but for seconds, and the hashes of its files. */
async function bitsOf(step: number): Promise<unknown> {
  const { content } = JSON.parse(await readFile(join(at(step), "state.json"), "utf8"));
  const { trainingSeconds: _, seconds: __, ...state } = content.state;
  return { ...content, state };
}

describe("a run that stops and goes on", () => {
  it.each([
    ["between two steps", 4, undefined],
    ["as a step begins", 4, 1],
    ["inside a step", 3, 4],
    ["after its first step", 1, undefined],
    ["before its last step", 9, 2],
  ])("%s is the same to the bit", async (_where, stopAfter, turns) => {
    await run({ stopAfter: STEPS - 1 });
    const expected = await bitsOf(STEPS - 1);
    const stopped = await bitsOf(stopAfter);
    await rm(join(output, "checkpoints"), { recursive: true });
    await run({ stopAfter, turns, every: STEPS });
    const [name] = await readdir(join(output, "checkpoints"));
    const from = Number(name.slice(5));
    if (turns === undefined) {
      expect(from).toBe(stopAfter);
      expect(await bitsOf(from)).toEqual(stopped);
    }
    if (from < STEPS - 1) await run({ from, stopAfter: STEPS - 1, every: STEPS });
    expect(await bitsOf(STEPS - 1)).toEqual(expected);
  });
});

describe("checkpoints", () => {
  it("are the last ones, the newest of them first", async () => {
    await run({ stopAfter: 6, limit: 2, every: 2 });
    expect((await readdir(join(output, "checkpoints"))).sort()).toEqual(["step-4", "step-6"]);
    expect((await latestCheckpoint(output, () => {}))?.state.step).toBe(6);
  });

  it("that are damaged are passed over, and told", async () => {
    await run({ stopAfter: 6, limit: 2, every: 2 });
    await writeFile(join(at(6), "model.safetensors"), "x");
    const told: TrainingEvent[] = [];
    expect((await latestCheckpoint(output, (event) => told.push(event)))?.state.step).toBe(4);
    expect(told).toEqual([
      { type: "warning", message: expect.stringMatching(/step-6: model\.safetensors is missing or not/) },
    ]);
    await rm(join(at(4), "optimizer.safetensors"));
    const last: TrainingEvent[] = [];
    expect(await latestCheckpoint(output, (event) => last.push(event))).toBeUndefined();
    expect(last.at(-1)).toEqual({ type: "warning", message: expect.stringContaining("begins anew") });
  });

  it("of later steps, and what was left half-written, go when a run goes on", async () => {
    await run({ stopAfter: 6, every: 2 });
    await cp(at(2), join(output, "checkpoints", ".step-8.1-0123456789ab.tmp"), { recursive: true });
    await CheckpointFolder.open(output, 4);
    expect((await readdir(join(output, "checkpoints"))).sort()).toEqual(["step-2", "step-4"]);
  });

  it("go when the run is done, and nothing that is not ours", async () => {
    await run({ stopAfter: 2 });
    const folder = await CheckpointFolder.open(output, 2);
    await writeFile(join(output, "checkpoints", "notes.txt"), "mine");
    await CheckpointFolder.open(output, 1);
    await folder.remove();
    expect(await readdir(join(output, "checkpoints"))).toEqual(["notes.txt"]);
    await rm(join(output, "checkpoints", "notes.txt"));
    await folder.remove();
    await folder.remove();
    expect(await readdir(output)).toEqual([]);
  });

  it("that are not what was written are told, and those before them stay", async () => {
    const { store } = await run({ stopAfter: 2, limit: 1 });
    const folder = await CheckpointFolder.open(output, 2);
    const emit = () => {};
    const content = { state: { ...firstState(), step: 3 }, ground: {} };
    const real = currentDisk();
    const lying: Disk = {
      ...real,
      create: async (path) => {
        const file = await real.create(path);
        return { ...file, write: (bytes) => file.write(bytes.map((byte) => byte ^ 1)) };
      },
    };
    await withDisk(lying, () => folder.write(store, content, { limit: 1, emit }));
    expect(await refusal(folder.settle())).toMatch(/step-3: state\.json is missing or not as it was written/);
    expect((await latestCheckpoint(output, () => {}))?.state.step).toBe(2);
  });

  it("with a number that is none are not written: the last good one stays", async () => {
    const { store } = await run({ stopAfter: 2, limit: 1 });
    const folder = await CheckpointFolder.open(output, 2);
    const told: TrainingEvent[] = [];
    const save = (step: number) =>
      folder.save(
        store,
        { state: { ...firstState(), step }, ground: {} },
        { limit: 1, emit: (event) => told.push(event) },
      );
    store.parameters[3].moment2[0] = Number.POSITIVE_INFINITY;
    await save(3);
    expect(told).toEqual([
      {
        type: "warning",
        message: expect.stringContaining(`step 3: the moments of ${store.parameters[3].spec.name}`),
      },
    ]);
    expect(await readdir(join(output, "checkpoints"))).toEqual(["step-2"]);
    store.parameters[3].moment2[0] = 0;
    await save(4);
    expect(await readdir(join(output, "checkpoints"))).toEqual(["step-4"]);
  });

  it.each([
    ["", false],
    [", and a disk refuses to copy these", true],
  ])("hold the best weights where these are earlier ones%s", async (_refusal, refuses) => {
    const { store } = await tinyStep();
    const best = store.snapshot();
    if (refuses) await writeFile(join(output, "scratch"), "no folder");
    const copy = new WeightsCopy(store, scratch, () => {});
    await copy.take();
    for (const { weight } of store.parameters) weight.fill(1);
    const last = store.snapshot();
    const state: LoopState = {
      ...firstState(),
      step: 4,
      best: { step: 2, value: Number.NEGATIVE_INFINITY, metrics: { pearson: Number.NaN } },
    };
    await writeCheckpoint(at(4), store, { state, best: copy.tensors(), ground: {} });
    const found = await readCheckpoint(at(4));
    expect(found.state).toEqual(state);
    await copy.take(); // other weights, for the checkpoint's to take their place
    for (const { weight } of store.parameters) weight.fill(2);
    await loadCheckpoint(found, store, copy);
    expect(store.snapshot()).toEqual(last);
    await copy.restore();
    expect(store.snapshot()).toEqual(best);
  });

  it("have no other best weights where the best evaluation is their own", async () => {
    const { store } = await tinyStep();
    const own = store.snapshot();
    const best = { step: 4, value: 1, metrics: {} };
    await writeCheckpoint(at(4), store, { state: { ...firstState(), step: 4, best }, ground: {} });
    for (const { weight } of store.parameters) weight.fill(2);
    const copy = new WeightsCopy(store, scratch, () => {});
    await loadCheckpoint(await readCheckpoint(at(4)), store, copy);
    for (const { weight } of store.parameters) weight.fill(3);
    await copy.restore();
    expect(store.snapshot()).toEqual(own);
  });

  it("of another model are refused before anything is read", async () => {
    const spec = { name: "classifier.weight", dims: [2, 3], initializer: "zeros", table: false } as const;
    const other = await ParameterStore.create([spec], { training: true, batchBytes: 0 });
    await writeCheckpoint(at(1), other, { state: { ...firstState(), step: 1 }, ground: {} });
    const { store } = await tinyStep();
    const before = store.snapshot();
    expect(await refusal(loadCheckpoint(await readCheckpoint(at(1)), store))).toContain(
      "the tensors of another model",
    );
    expect(store.snapshot()).toEqual(before);
  });
});
