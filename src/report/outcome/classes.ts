/** Outcome of classification with one label a row. */

import type { LabelScore } from "../../inference/options.ts";
import { type TagsMetric, tags } from "../../text/metrics/tags.ts";
import type { Outcome, ScoreTable } from "../report-data.ts";
import { CalibrationTally } from "./calibration.ts";
import { cellGroup, confusionMatrix } from "./matrices.ts";
import { Samples } from "./samples.ts";
import { type AnyLine, placeOf, type Tally } from "./tally.ts";

export interface ClassLine extends AnyLine {
  text: string;
  textPair?: string;
  gold: string;
  prediction: LabelScore;
}

export class ClassTally implements Tally<ClassLine> {
  // A row is a sentence of one tag: the counts are the same.
  readonly #counts = tags({ labels: [] });
  readonly #calibration = new CalibrationTally();
  readonly #samples = new Samples();
  #rows = 0;

  add(line: ClassLine): void {
    const { gold, prediction, loss } = line;
    const { label, score } = prediction;
    const right = label === gold;
    this.#rows++;
    this.#counts.update([label], [gold]);
    this.#calibration.add(score, right);
    const shown = { gold, predicted: label, right, confidence: score, loss };
    this.#samples.add({ where: placeOf(line), text: textsOf(line), ...shown }, [cellGroup(gold, label)]);
  }

  finish(): Outcome {
    return {
      rows: this.#rows,
      matrices: [confusionMatrix(this.#counts.confusion(), "row")],
      tables: [labelTable(this.#counts)],
      calibration: this.#calibration.finish("row"),
      ...this.#samples.finish(),
    };
  }
}

/** The text, or the two of a pair on lines of their own. */
export function textsOf({ text, textPair }: { text: string; textPair?: string }): string[] {
  return textPair === undefined ? [text] : [`${text}\n${textPair}`];
}

function labelTable(counts: TagsMetric): ScoreTable {
  return {
    caption: "Scores of each label.",
    name: "label",
    columns: SCORE_COLUMNS,
    lines: counts.perTag().map(({ name, precision, recall, f1, support }) => {
      return { name, values: [precision, recall, f1, support] };
    }),
  };
}

export const SCORE_COLUMNS = [
  { name: "precision" },
  { name: "recall" },
  { name: "f1" },
  { name: "support", counts: true },
];
