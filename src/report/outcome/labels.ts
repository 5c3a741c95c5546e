/** Outcome of classification with any number of labels a row. */
import type { LabelScore } from "../../inference/options.ts";
import { countsOf, namedScores } from "../../text/metrics/named-counts.ts";
import type { Counts } from "../../text/metrics/scores.ts";
import type { Outcome, ScoreLine } from "../report-data.ts";
import { CalibrationTally } from "./calibration.ts";
import { SCORE_COLUMNS, textsOf } from "./classes.ts";
import { type GroupOfSample, Samples } from "./samples.ts";
import { type AnyLine, placeOf, type Tally } from "./tally.ts";

export interface LabelsLine extends AnyLine {
  text: string;
  textPair?: string;
  gold: readonly string[];
  prediction: { labels: readonly LabelScore[] };
}

export class LabelsTally implements Tally<LabelsLine> {
  readonly #counts = new Map<string, Counts>();
  readonly #calibration = new CalibrationTally();
  readonly #samples = new Samples();
  #rows = 0;

  add(line: LabelsLine): void {
    const { gold, prediction, loss } = line;
    const predicted = prediction.labels.map(({ label }) => label);
    this.#rows++;
    for (const label of gold) countsOf(this.#counts, label).support++;
    for (const { label, score } of prediction.labels) {
      const right = gold.includes(label);
      const counts = countsOf(this.#counts, label);
      counts.predicted++;
      if (right) counts.truePositives++;
      this.#calibration.add(score, right);
    }
    const groups = groupsOf(gold, predicted);
    const right = groups.every((group) => group.right);
    const scores = prediction.labels.map(({ score }) => score);
    const shown = { gold: listed(gold), predicted: listed(predicted), right, loss };
    const confidence = scores.length > 0 ? Math.min(...scores) : undefined;
    this.#samples.add({ where: placeOf(line), text: textsOf(line), ...shown, confidence }, groups);
  }

  finish(): Outcome {
    return {
      rows: this.#rows,
      matrices: [],
      tables: [
        {
          caption: "Scores of each label.",
          name: "label",
          columns: SCORE_COLUMNS,
          lines: namedScores(this.#counts).map(({ name, precision, recall, f1, support }): ScoreLine => {
            return { name, values: [precision, recall, f1, support], group: rightGroup(name).key };
          }),
        },
        {
          caption: "Labels that were missed, and labels that were predicted and are not there.",
          name: "mistake",
          columns: [{ name: "rows", counts: true }],
          lines: [...this.#counts].flatMap(([name, own]) => mistakeLines(name, own)),
        },
      ].filter(({ lines }) => lines.length > 0),
      calibration: this.#calibration.finish("predicted label"),
      ...this.#samples.finish(),
    };
  }
}

function listed(labels: readonly string[]): string {
  return labels.length === 0 ? "none" : labels.join(", ");
}

function groupsOf(gold: readonly string[], predicted: readonly string[]): GroupOfSample[] {
  const missed = gold.filter((label) => !predicted.includes(label)).map(missedGroup);
  const extra = predicted.filter((label) => !gold.includes(label)).map(extraGroup);
  const right = gold.filter((label) => predicted.includes(label)).map(rightGroup);
  const groups = [...missed, ...extra, ...right];
  return groups.length > 0 ? groups : [{ key: "none", label: "no label, right", right: true }];
}

const missedGroup = (label: string) => ({ key: `missed ${label}`, label: `${label} missed`, right: false });
const extraGroup = (label: string) => ({ key: `extra ${label}`, label: `${label} too much`, right: false });
const rightGroup = (label: string) => ({ key: `right ${label}`, label: `${label}, right`, right: true });

function mistakeLines(name: string, { truePositives, predicted, support }: Counts): ScoreLine[] {
  const lines = [
    { group: missedGroup(name), count: support - truePositives },
    { group: extraGroup(name), count: predicted - truePositives },
  ];
  return lines
    .filter(({ count }) => count > 0)
    .map(({ group: { key, label }, count }) => ({ name: label, values: [count], group: key }));
}
