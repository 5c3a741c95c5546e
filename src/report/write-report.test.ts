/** A run's folder to its report: whole, half-written, damaged, and no run's at all. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../test/helpers/refusal.ts";
import type { TrainingEvent } from "../training/events.ts";
import { finishedRun, type RunFile, writeRunFile } from "../training/run-file.ts";
import { readRun } from "./read-run.ts";
import { reportHooks } from "./report-hooks.ts";
import { obtainReport, writeReport } from "./write-report.ts";

const HASH = "0123456789abcdef".repeat(4);
const RUN: RunFile = {
  format: 1,
  status: "running",
  started: "2026-01-02T03:04:05.678Z",
  options: {
    seed: { value: 42, origin: "default" },
    learningRate: { value: 1e-4, origin: "recipe" },
    task: { value: "text-classification", origin: "given" },
    train: { value: "my rows.tsv", origin: "given" },
    header: { value: false, origin: "given" },
    greaterIsBetter: { value: true, origin: "given" },
    gradientCheckpointing: { value: true, origin: "file" },
    classWeights: { value: { a: 2 }, origin: "given" },
  },
  versions: {
    ...{ bertwright: "1.2.3", node: "20.19.0", platform: "linux x64" },
    ...{ processor: "Some processor", runtime: "onnxruntime" },
    ...{ runtime_version: "1.30.0", precision: "float32", threads: 2 },
  },
  model: { name: "mini", sha256: { "model.safetensors": HASH } },
  data: {
    train: { name: "my rows.tsv", sha256: HASH, rows: 3 },
    validation: { name: "dev.tsv", sha256: HASH, rows: 2 },
  },
};

const step = (number: number, loss: number) => ({
  ...{ type: "step", step: number, epoch: number / 2, loss, grad_norm: 2, learning_rate: 0.1 },
  ...{ tokens_per_second: 1000, seconds: number },
});
const evaluation = (number: number, accuracy: number, best: boolean) => ({
  ...{ type: "evaluation", step: number, epoch: number / 2, eval_accuracy: accuracy, metric: "accuracy" },
  ...{ baseline: 0.5, best, seconds: number },
});
const LOG = [
  step(1, 0.5),
  step(2, 0.4),
  evaluation(2, 0.75, true),
  step(3, 0.3),
  step(4, 0.2),
  evaluation(4, 0.7, false),
];
const PREDICTIONS = [
  { file: "dev.tsv", line: 1, text: "one", gold: "a", prediction: { label: "a", score: 0.9 }, loss: 0.1 },
  { file: "dev.tsv", line: 2, text: "two", gold: "b", prediction: { label: "a", score: 0.6 }, loss: null },
];
const lines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");

let folder: string;
const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
const read = (name: string) => readFileSync(join(folder, name), "utf8");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function finish(): Promise<void> {
  await writeRunFile(folder, finishedRun(RUN));
  write("metrics.jsonl", lines(LOG));
  write("predictions.jsonl", lines(PREDICTIONS));
  write("config.json", JSON.stringify({ problem_type: "single_label_classification" }));
  const ends = { low: 0.5, high: 1 };
  write(
    "evaluation.json",
    JSON.stringify({ interval: ends, difference: { value: 0.25, ...ends }, bootstrap: { level: 0.95 } }),
  );
}

describe("a finished run", () => {
  beforeEach(finish);

  it("is judged by its best evaluation", async () => {
    const { verdict, evaluations, state } = await readRun(folder);
    expect(verdict).toMatchObject({
      ...{ metric: "accuracy", value: 0.75, baseline: 0.5, step: 2, epoch: 1, on: "dev.tsv", rows: 2 },
      interval: { low: 0.5, high: 1, level: 0.95 },
      greaterIsBetter: true,
    });
    expect(evaluations.map(({ best }) => best)).toEqual([true, false]);
    expect(state).toEqual({ name: "finished", step: 4, epoch: 2 });
  });

  it("has its options, those that were given first, and its command", async () => {
    const { options, command } = await readRun(folder);
    expect(options.map(({ origin }) => origin)).toEqual([
      ...Array(5).fill("given"),
      "file",
      "recipe",
      "default",
    ]);
    expect(command).toBe(
      "bertwright train --task text-classification --train 'my rows.tsv' --no-header --greater-is-better true " +
        `--gradient-checkpointing --class-weights '{"a":2}' --output ${folder}-again`,
    );
  });

  it("is a page and drawings with their numbers", async () => {
    expect(await writeReport(`${folder}/`)).toBe(`${folder}/report.html`);
    expect(read("report.html")).toContain("<h1>Better than guessing: accuracy 0.7500</h1>");
    const names = ["calibration", "confusion", "gradient-norm", "learning-rate", "loss", "metric"];
    expect(readdirSync(join(folder, "plots"))).toEqual(
      names.flatMap((name) => [`${name}.csv`, `${name}.svg`]),
    );
    expect(read("plots/confusion.csv")).toBe("gold \\ predicted,a,b\na,1,0\nb,1,0\n");
    expect(read("plots/loss.csv").split("\n").slice(0, 2)).toEqual(["step,epoch,loss", "1,0.5,0.5"]);
    expect(read("plots/loss.svg")).toMatch(
      /^<\?xml .*\n<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]*>\n<style>/,
    );
  });

  it("is not written again to be shown, unless its report is missing", async () => {
    await obtainReport(folder);
    write("report.html", "as it was");
    expect(await obtainReport(folder)).toBe(`${folder}/report.html`);
    expect(read("report.html")).toBe("as it was");
  });
});

describe("a run that goes on", () => {
  it("has what is there: a line that is being written is not", async () => {
    await writeRunFile(folder, RUN);
    expect((await readRun(folder)).state).toEqual({ name: "running", step: 0, epoch: 0 });
    write("metrics.jsonl", `${lines(LOG.slice(0, 2))}{"type":"st`);
    const { state, steps, verdict, outcome } = await readRun(folder);
    expect([state.step, steps.length, verdict, outcome]).toEqual([2, 2, undefined, undefined]);
    await obtainReport(folder);
    expect(read("report.html")).toContain("Training has begun");
  });

  it("is told apart from one that was stopped", async () => {
    await writeRunFile(folder, RUN);
    write("metrics.jsonl", lines(LOG));
    const hooks = reportHooks(() => {});
    await hooks.evaluated?.(folder);
    expect(read("report.html")).toContain("had not come to its end");
    await hooks.ended?.(folder);
    expect(read("report.html")).toContain("The run was stopped at step 4");
  });

  it("of many steps keeps some of them, the last one always", async () => {
    await writeRunFile(folder, RUN);
    write("metrics.jsonl", lines(Array.from({ length: 10_001 }, (_, i) => step(i + 1, 1))));
    const { steps } = await readRun(folder);
    expect(steps.length).toBeLessThanOrEqual(4001);
    expect([steps[0].step, steps.at(-1)!.step]).toEqual([1, 10_001]);
  });

  it("has no command where its rows came from a program", async () => {
    const { train: _, ...options } = RUN.options;
    await writeRunFile(folder, { ...RUN, options });
    expect((await readRun(folder)).command).toBeUndefined();
  });
});

describe("a folder that cannot be read", () => {
  it("is refused where no run wrote it", async () => {
    expect(await refusal(writeReport(folder))).toContain("run.json is missing");
    expect(await refusal(obtainReport(join(folder, "nowhere")))).toContain("run.json is missing");
  });

  it.each([
    ["a line that is cut off", '{"text":"one"', "not a JSON object"],
    [
      "a line of another task",
      '{"question":"?","gold":"a","prediction":{}}\n',
      "text is not what a prediction",
    ],
  ])("is refused for %s", async (_name, line, problem) => {
    await finish();
    write("predictions.jsonl", lines(PREDICTIONS) + line);
    expect(await refusal(readRun(folder))).toContain(`predictions.jsonl:3: ${problem}`);
  });

  it("does not end the training", async () => {
    await finish();
    write("predictions.jsonl", "no prediction\n");
    const events: TrainingEvent[] = [];
    await reportHooks((event) => events.push(event)).ended?.(folder);
    expect(events).toMatchObject([
      { type: "warning", message: expect.stringContaining("the report was not written") },
    ]);
  });
});
