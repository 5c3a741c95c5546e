import { describe, expect, it } from "vitest";
import { multiLabel } from "./multi-label.ts";

/** Rows as strings of 0 and 1. */
function fed(predictions: string[], references: string[]) {
  const metric = multiLabel({ labels: references[0].length });
  predictions.forEach((prediction, i) => {
    metric.update(bits(prediction), bits(references[i]));
  });
  return metric;
}

function bits(row: string): Uint8Array {
  return Uint8Array.from(row, Number);
}

describe("multi-label", () => {
  // By label: 1 right; 1 right and 1 too many; 1 missed.
  const metric = fed(["110", "010", "000"], ["110", "000", "001"]);

  it("counts rows that are right as a whole, and decisions", () => {
    expect(metric.compute()).toMatchObject({ accuracy: 1 / 3, hamming_loss: 2 / 9 });
  });

  it("scores all decisions together, and the mean over labels", () => {
    const values = metric.compute();
    expect(values).toMatchObject({ f1: 4 / 6, micro_f1: 4 / 6, precision: 2 / 3, recall: 2 / 3 });
    expect(values.macro_f1).toBeCloseTo((1 + 2 / 3 + 0) / 3, 12);
  });

  it("gives each label its scores and support", () => {
    expect(metric.perClass()).toEqual([
      { precision: 1, recall: 1, f1: 1, support: 1 },
      { precision: 0.5, recall: 1, f1: 2 / 3, support: 1 },
      { precision: 0, recall: 0, f1: 0, support: 1 },
    ]);
  });

  it("takes a row without labels that is predicted so as right, with nothing for F1 to count", () => {
    expect(fed(["00"], ["00"]).compute()).toMatchObject({ accuracy: 1, f1: 0, macro_f1: 0, hamming_loss: 0 });
  });

  it("is 0 before the first row", () => {
    for (const [name, value] of Object.entries(multiLabel({ labels: 2 }).compute()))
      expect(value, name).toBe(0);
  });

  it("merges into what one metric of all rows gives, and leaves the other as it was", () => {
    const a = fed(["11", "01"], ["10", "01"]);
    const b = fed(["00", "10"], ["01", "10"]);
    const before = b.compute();
    a.merge(b);
    expect(a.compute()).toEqual(fed(["11", "01", "00", "10"], ["10", "01", "01", "10"]).compute());
    a.update(bits("11"), bits("11"));
    expect(b.compute()).toEqual(before);
  });

  it.each([
    ["1", "10", "expected 2 values a row, got 1"],
    ["10", "101", "expected 2 values a row, got 3"],
    ["12", "10", "expected 0 or 1, got 2"],
  ])("refuses %s for %s and does not count it", (prediction, reference, message) => {
    const refusing = multiLabel({ labels: 2 });
    expect(() => refusing.update(bits(prediction), bits(reference))).toThrow(`multiLabel: ${message}`);
    expect(refusing.counts().rows).toBe(0);
  });

  it("refuses no labels, and a merge with another number of them", () => {
    expect(() => multiLabel({ labels: 0 })).toThrow(RangeError);
    expect(() => multiLabel({ labels: 2 }).merge(multiLabel({ labels: 3 }))).toThrow(
      "cannot merge 3 labels into 2",
    );
  });
});
