/** Outcome of regression: right and predicted numbers, and the errors by what is right. */

import { linearScale, roundExtent, tickLabel } from "../charts/scale.ts";
import { thinned } from "../charts/series.ts";
import type { Matrix, Outcome, ScoreLine } from "../report-data.ts";
import { textsOf } from "./classes.ts";
import { type GroupOfSample, Samples } from "./samples.ts";
import { type AnyLine, placeOf, type Tally } from "./tally.ts";

export interface NumberLine extends AnyLine {
  text: string;
  textPair?: string;
  gold: number;
  prediction: { score: number };
}

/** Dots of a plot. */
const MOST_POINTS = 2000;
/** Bands that the range of the right numbers is divided into, about. */
const BANDS = 5;

interface Band {
  count: number;
  error: number;
  distance: number;
  /** Rows by the band of what was predicted. */
  predicted: number[];
}

export class NumberTally implements Tally<NumberLine> {
  readonly #names: readonly string[];
  readonly #ends: readonly number[];
  readonly #bands: Band[];
  readonly #points: (readonly [number, number])[] = [];
  readonly #samples = new Samples();

  /** `range` is that of the right numbers. */
  constructor(range: readonly [low: number, high: number]) {
    this.#ends = linearScale(roundExtent(range, BANDS), [0, 1], BANDS).ticks;
    this.#names = this.#ends.slice(1).map((end, i) => `${tickLabel(this.#ends[i])} to ${tickLabel(end)}`);
    this.#bands = this.#names.map(() => {
      return { count: 0, error: 0, distance: 0, predicted: this.#names.map(() => 0) };
    });
  }

  add(line: NumberLine): void {
    const { gold, prediction, loss } = line;
    const error = prediction.score - gold;
    const [own, other] = [this.#bandOf(gold), this.#bandOf(prediction.score)];
    const band = this.#bands[own];
    band.count++;
    band.error += error;
    band.distance += Math.abs(error);
    band.predicted[other]++;
    this.#points.push([gold, prediction.score]);
    const shown = { gold: shortNumber(gold), predicted: shortNumber(prediction.score), right: own === other };
    const sample = { where: placeOf(line), text: textsOf(line), ...shown, loss };
    this.#samples.add(sample, [this.#group(own, other)]);
  }

  finish(): Outcome {
    return {
      rows: this.#points.length,
      matrices: [this.#matrix()],
      tables: [
        {
          caption: "How far the predictions are from what is right.",
          name: "right number",
          columns: [{ name: "rows", counts: true }, { name: "mean error" }, { name: "mean distance" }],
          lines: this.#bands.map(({ count, error, distance }, i): ScoreLine => {
            return {
              name: this.#names[i],
              values: [count, ...(count > 0 ? [error / count, distance / count] : [])],
            };
          }),
        },
      ],
      scatter: { points: thinned(this.#points, MOST_POINTS) },
      ...this.#samples.finish(),
    };
  }

  #matrix(): Matrix {
    return {
      caption:
        "How many rows of each range were predicted in which; what is beyond the ends counts with them.",
      lines: this.#names,
      columns: this.#names,
      cells: this.#bands.map(({ predicted }, own) =>
        predicted.map((count, other) => ({
          count,
          right: own === other,
          group: this.#group(own, other).key,
        })),
      ),
    };
  }

  #bandOf(value: number): number {
    const above = this.#ends.findLastIndex((end) => value >= end);
    return Math.min(Math.max(above, 0), this.#bands.length - 1);
  }

  #group(own: number, other: number): GroupOfSample {
    const right = own === other;
    const [name, predicted] = [this.#names[own], this.#names[other]];
    return {
      key: `${own} ${other}`,
      label: right ? `${name}, in its range` : `${name} predicted as ${predicted}`,
      right,
    };
  }
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}
