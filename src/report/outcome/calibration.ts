/** Whether probabilities say how often predictions are right: counts by confidence (Guo et al. 2017, 10 equal ranges). */
import type { Calibration } from "../report-data.ts";

const BINS = 10;

export class CalibrationTally {
  readonly #bins = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, right: 0 }));

  add(confidence: number, right: boolean): void {
    if (!(confidence >= 0 && confidence <= 1)) return;
    const bin = this.#bins[Math.min(BINS - 1, Math.floor(BINS * confidence))];
    bin.count++;
    bin.confidence += confidence;
    if (right) bin.right++;
  }

  /** Undefined where nothing had a probability. */
  finish(unit: string): Calibration | undefined {
    const total = this.#bins.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) return undefined;
    const bins = this.#bins.flatMap(({ count, confidence, right }, i) => {
      if (count === 0) return [];
      const [from, to] = [i / BINS, (i + 1) / BINS];
      return [{ from, to, count, confidence: confidence / count, accuracy: right / count }];
    });
    const error = bins.reduce(
      (sum, { count, confidence, accuracy }) => sum + (count / total) * Math.abs(confidence - accuracy),
      0,
    );
    return { unit, bins, error };
  }
}
