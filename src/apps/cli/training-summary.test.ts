/** What `train` says at its end of a run whose validation rows were gone through one by one. */
import { expect, it } from "vitest";
import type { EvaluationFile } from "./library.ts";
import { RunNotes, summarizeTraining } from "./training-summary.ts";

const interval = { low: 0.7, high: 0.8 };
const EVALUATION: EvaluationFile = {
  ...{ on: "dev.tsv", rows: 40, metric: "accuracy", value: 0.75, interval, baseline: 0.6 },
  difference: { value: 0.15, low: 0.0812, high: 0.2 },
  bootstrap: { resamples: 1000, seed: 42, level: 0.95 },
  metrics: { accuracy: 0.75 },
  intervals: { accuracy: interval },
  mistakes: [
    { gold: "no", predicted: "yes", count: 1200 },
    { gold: "yes", predicted: "no", count: 3 },
  ],
};

function summary(evaluation: EvaluationFile): string {
  const costs = { seconds: 5, tokensPerSecond: 9, peakMemoryMb: 9, plannedMemoryMb: 9 };
  const task = "text-classification" as const;
  const kept = { step: 20, epoch: 2, baseline: 0.6 };
  const result = { task, metrics: { accuracy: 0.75 }, metric: "accuracy", kept, ...costs, evaluation };
  return summarizeTraining(
    result,
    new RunNotes(),
    { task, train: "t", validation: "v", output: "m" },
    "bertwright",
  );
}

it("has the interval of the metric and of its distance from the baseline, and the commonest mistakes", () => {
  expect(
    summary(EVALUATION),
  ).toContain(`Epoch 2 is kept: accuracy 0.7500 on v (baseline, always the same answer: 0.6000)
  accuracy, 95 % interval: 0.7000 to 0.8000; above the baseline by 0.0812 to 0.2000
Most often mistaken (what is right → what was predicted):
  1,200  no → yes
      3  yes → no
Model: m`);
});

it("shows five kinds of mistakes, and none where there are none", () => {
  const mistakes = Array.from({ length: 9 }, (_, i) => ({ gold: `a${i}`, predicted: "b", count: 9 - i }));
  expect(summary({ ...EVALUATION, mistakes }).match(/ → b/g)).toHaveLength(5);
  expect(summary({ ...EVALUATION, mistakes: [] })).not.toContain("mistaken");
});
