/** The record of a run: what stands in its files while it goes on, and after it was cut back. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TrainingEvent } from "../events.ts";
import { cutBack, RunRecorder } from "./recorder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-record-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (name: string) => readFileSync(join(folder, name), "utf8");
const lines = () =>
  read("metrics.jsonl")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
/** Without the fields that say when. */
const timeless = () => lines().map(({ seconds: _, tokens_per_second: __, ...line }) => line);

function step(number: number, loss: number): TrainingEvent {
  const rates = { gradientNorm: 2, learningRate: 0.1 / number, tokensPerSecond: 1234.56, secondsLeft: 9 };
  return { type: "step", step: number, totalSteps: 4, epoch: number / 2, loss, ...rates };
}

function evaluation(number: number, accuracy: number, best: boolean): TrainingEvent {
  const metrics = { accuracy, f1: accuracy / 2 };
  return { type: "evaluation", step: number, epoch: number / 2, metrics, metric: "f1", baseline: 0.5, best };
}

const FIRST = [step(1, 0.5), step(2, 0.25), evaluation(2, 0.5, true)];
const SECOND = [step(3, 0.125), step(4, 0.375), evaluation(4, 0.25, false)];

async function record(recorder: RunRecorder, events: readonly TrainingEvent[]): Promise<void> {
  for (const event of events) {
    recorder.note(event);
    if (event.type === "evaluation") await recorder.flush();
  }
  recorder.close();
}

describe("a record", () => {
  it("has a line a step and a line an evaluation, by transformers' names", async () => {
    await record(await RunRecorder.open(folder), [{ type: "saved", folder }, ...FIRST]);
    expect(timeless()).toEqual([
      { type: "step", step: 1, epoch: 0.5, loss: 0.5, grad_norm: 2, learning_rate: 0.1 },
      { type: "step", step: 2, epoch: 1, loss: 0.25, grad_norm: 2, learning_rate: 0.05 },
      {
        ...{ type: "evaluation", step: 2, epoch: 1, eval_accuracy: 0.5, eval_f1: 0.25 },
        ...{ metric: "f1", baseline: 0.5, best: true },
      },
    ]);
    expect(lines()[0].tokens_per_second).toBe(1234.6);
    expect(lines().every(({ seconds }) => seconds >= 0)).toBe(true);
  });

  it("shows a step at once", async () => {
    const recorder = await RunRecorder.open(folder);
    recorder.note(step(1, 0.5));
    expect(lines()).toHaveLength(1);
    recorder.close();
  });

  it("has a table with the mean loss between evaluations and one best row", async () => {
    const events = [...FIRST, ...SECOND, step(5, 2), evaluation(5, 0.75, true)];
    await record(await RunRecorder.open(folder), events);
    const rows = read("results.csv")
      .trimEnd()
      .split("\n")
      .map((row) => row.split(",").slice(0, -1));
    expect(rows).toEqual([
      ["step", "epoch", "train_loss", "learning_rate", "accuracy", "f1", "best"],
      ["2", "1", "0.375", "0.05", "0.5", "0.25", ""],
      ["4", "2", "0.25", "0.025", "0.25", "0.125", ""],
      ["5", "2.5", "2", "0.02", "0.75", "0.375", "best"],
    ]);
  });

  it("takes the place of an earlier run's", async () => {
    await record(await RunRecorder.open(folder), [...FIRST, ...SECOND]);
    await record(await RunRecorder.open(folder), [step(1, 7)]);
    expect(timeless()).toMatchObject([{ step: 1, loss: 7 }]);
    expect(() => read("results.csv")).toThrow("ENOENT");
  });
});

it("goes to an event file of TensorBoard as well where that was asked for, in place of an earlier one", async () => {
  const events = () => readdirSync(join(folder, "tensorboard"));
  await record(await RunRecorder.open(folder, { tensorBoard: true }), FIRST);
  const [first] = events();
  await new Promise((resolve) => setTimeout(resolve, 2));
  await record(await RunRecorder.open(folder, { tensorBoard: true }), FIRST);
  expect(events()).toHaveLength(1);
  expect(events()).not.toEqual([first]);
  const bytes = readFileSync(join(folder, "tensorboard", events()[0]));
  for (const tag of ["train/loss", "eval/accuracy"]) expect(bytes.includes(tag), tag).toBe(true);
  await record(await RunRecorder.open(folder), FIRST);
  expect(() => events()).toThrow("ENOENT");
});

describe("a record that is cut back", () => {
  it("goes on as if it had never been stopped", async () => {
    await record(await RunRecorder.open(folder), [...FIRST, ...SECOND]);
    const whole = [timeless(), withoutSeconds(read("results.csv"))];
    const kept = await cutBack(folder, 2);
    expect(timeless()).toHaveLength(3);
    await record(await RunRecorder.open(folder, { kept }), SECOND);
    expect([timeless(), withoutSeconds(read("results.csv"))]).toEqual(whole);
    const seconds = lines().map((line) => line.seconds);
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
  });

  it("in the middle of an epoch keeps the losses since the last evaluation", async () => {
    await record(await RunRecorder.open(folder), [...FIRST, ...SECOND]);
    const whole = withoutSeconds(read("results.csv"));
    await record(await RunRecorder.open(folder, { kept: await cutBack(folder, 3) }), SECOND.slice(1));
    expect(withoutSeconds(read("results.csv"))).toBe(whole);
  });

  it("before an evaluation that is to be done again has it once", async () => {
    await record(await RunRecorder.open(folder), FIRST);
    const kept = await cutBack(folder, 2, { evaluated: false });
    expect(timeless()).toHaveLength(2);
    await record(await RunRecorder.open(folder, { kept }), FIRST.slice(2));
    expect(timeless()).toHaveLength(3);
  });

  it("loses a line that a full disk left half, and what follows one that nobody can read", async () => {
    await record(await RunRecorder.open(folder), FIRST);
    const [first, second] = read("metrics.jsonl").split("\n");
    writeFileSync(join(folder, "metrics.jsonl"), `${first}\n${second}\n{"type":"ste`);
    await cutBack(folder, 4);
    expect(read("metrics.jsonl")).toBe(`${first}\n${second}\n`);
    writeFileSync(join(folder, "metrics.jsonl"), `${first}\nnull\n${second}\n`);
    await cutBack(folder, 4);
    expect(read("metrics.jsonl")).toBe(`${first}\n`);
  });

  it("is empty where there was none", async () => {
    const { seconds } = await cutBack(folder, 9);
    expect(seconds).toBe(0);
    expect(read("results.csv")).toBe("");
  });
});

/** The last column says when. */
function withoutSeconds(csv: string): string {
  return csv.replace(/,[^,\n]*$/gm, "");
}
