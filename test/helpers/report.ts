/** A report's data made by hand, with texts that would like to be markup. */
import { ClassTally } from "../../src/report/outcome/classes.ts";
import type { ReportData } from "../../src/report/report-data.ts";

export const HOSTILE = "</script><img src=x onerror=\"document.title='hacked'\"><!--";
export const HOSTILE_LABEL = '"><img src=x onerror=alert(1)>&';

/** 60 rows of two labels, one of which is hostile; every third is wrong. */
export function hostileReport(): ReportData {
  const tally = new ClassTally();
  const names = ["plain", HOSTILE_LABEL];
  for (let i = 0; i < 60; i++) {
    const gold = names[i % 2];
    const label = i % 3 === 0 ? names[1 - (i % 2)] : gold;
    const score = 0.5 + i / 200;
    tally.add({
      file: "dev.tsv",
      line: i + 1,
      text: `${HOSTILE} number ${i}`,
      gold,
      prediction: { label, score },
      loss: i,
    });
  }
  return {
    task: "text-classification",
    problemType: "single_label_classification",
    model: HOSTILE,
    folder: HOSTILE,
    state: { name: "finished", step: 20, epoch: 2 },
    verdict: {
      ...{ metric: "accuracy", value: 2 / 3, baseline: 0.5, greaterIsBetter: true, step: 10, epoch: 1 },
      ...{ interval: { low: 0.6, high: 0.7, level: 0.95 }, difference: { low: 0.1, high: 0.2, level: 0.95 } },
      ...{ rows: 60, on: HOSTILE },
    },
    steps: Array.from({ length: 20 }, (_, i) => {
      return { step: i + 1, epoch: (i + 1) / 10, loss: 1 / (i + 1), gradientNorm: 1, learningRate: 1e-5 };
    }),
    evaluations: [
      { step: 10, epoch: 1, metrics: { accuracy: 2 / 3, f1: 0.5 }, best: true },
      { step: 20, epoch: 2, metrics: { accuracy: 0.6, f1: 0.5 }, best: false },
    ],
    outcome: tally.finish(),
    options: [
      { name: "learningRate", value: HOSTILE, origin: "given" },
      { name: "seed", value: "42", origin: "default" },
    ],
    command: `bertwright train --train '${HOSTILE}'`,
    facts: [{ name: "Node", value: HOSTILE }],
  };
}
