import { describe, expect, it } from "vitest";
import { classification } from "./classification.ts";

/** Feeds `[prediction, reference, times]` rows. */
function fed(options: { labels: number; positive?: number }, rows: [number, number, number?][]) {
  const metric = classification(options);
  for (const [prediction, reference, times = 1] of rows) {
    for (let i = 0; i < times; i++) metric.update(prediction, reference);
  }
  return metric;
}

describe("two labels", () => {
  // 5 true positives, 2 false positives, 1 false negative, 4 true negatives.
  const rows: [number, number, number][] = [
    [1, 1, 5],
    [1, 0, 2],
    [0, 1, 1],
    [0, 0, 4],
  ];

  it("scores the second label", () => {
    const { accuracy, precision, recall, f1, matthews_correlation } = fed({ labels: 2 }, rows).compute();
    expect(accuracy).toBeCloseTo(9 / 12, 12);
    expect(precision).toBeCloseTo(5 / 7, 12);
    expect(recall).toBeCloseTo(5 / 6, 12);
    expect(f1).toBeCloseTo(10 / 13, 12);
    expect(matthews_correlation).toBeCloseTo((5 * 4 - 2 * 1) / Math.sqrt(7 * 6 * 6 * 5), 12);
  });

  it("scores the label that `positive` names", () => {
    const { precision, recall, f1 } = fed({ labels: 2, positive: 0 }, rows).compute();
    expect([precision, recall, f1]).toEqual([4 / 5, 4 / 6, 8 / 11]);
  });

  it("keeps the matrix with references as rows", () => {
    expect(fed({ labels: 2 }, rows).confusion()).toEqual([
      [4, 2],
      [1, 5],
    ]);
  });
});

describe("more labels", () => {
  const rows: [number, number, number][] = [
    [0, 0, 3],
    [1, 0, 1],
    [1, 1, 2],
    [2, 1, 2],
    [2, 2, 1],
  ];

  it("takes the macro average, over labels that never occur too", () => {
    const f1 = [6 / 7, 4 / 7, 2 / 4];
    const three = fed({ labels: 3 }, rows).compute();
    const four = fed({ labels: 4 }, rows).compute();
    expect(three.f1).toBeCloseTo((f1[0] + f1[1] + f1[2]) / 3, 12);
    expect(three.f1).toBe(three.macro_f1);
    expect(four.f1).toBeCloseTo((f1[0] + f1[1] + f1[2]) / 4, 12);
    expect(four.weighted_f1).toBeCloseTo((4 * f1[0] + 4 * f1[1] + f1[2]) / 9, 12);
    expect(four.micro_f1).toBeCloseTo(6 / 9, 12);
  });

  it("gives each class its scores and support", () => {
    expect(fed({ labels: 3 }, rows).perClass()[1]).toEqual({
      precision: 2 / 3,
      recall: 2 / 4,
      f1: 4 / 7,
      support: 4,
    });
  });

  it("correlates classes as Gorodkin's statistic does", () => {
    // scikit-learn's matthews_corrcoef and cohen_kappa_score of these rows.
    const { matthews_correlation, cohen_kappa } = fed({ labels: 3 }, rows).compute();
    expect(matthews_correlation).toBeCloseTo(0.5303300858899107, 12);
    expect(cohen_kappa).toBeCloseTo(0.5, 12);
  });
});

describe("values that are not defined", () => {
  it("are 0 before the first row", () => {
    for (const [name, value] of Object.entries(classification({ labels: 3 }).compute()))
      expect(value, name).toBe(0);
  });

  it("are 0 for a correlation with constant predictions", () => {
    const values = fed({ labels: 2 }, [
      [0, 0, 3],
      [0, 1, 2],
    ]).compute();
    expect(values).toMatchObject({ accuracy: 0.6, f1: 0, precision: 0, recall: 0, matthews_correlation: 0 });
  });

  it("leave a single label with what is defined", () => {
    expect(fed({ labels: 1 }, [[0, 0, 5]]).compute()).toMatchObject({
      accuracy: 1,
      f1: 1,
      matthews_correlation: 0,
    });
  });
});

describe("merge", () => {
  it("equals one metric that saw all rows, and leaves the other as it was", () => {
    const first: [number, number][] = [
      [0, 1],
      [2, 2],
    ];
    const second: [number, number][] = [
      [1, 1],
      [0, 2],
      [0, 0],
    ];
    const a = fed({ labels: 3 }, first);
    const b = fed({ labels: 3 }, second);
    const before = b.compute();
    a.merge(b);
    expect(a.compute()).toEqual(fed({ labels: 3 }, [...first, ...second]).compute());
    a.update(0, 0);
    expect(b.compute()).toEqual(before);
  });

  it("with an empty one changes nothing", () => {
    const a = fed({ labels: 2 }, [[0, 1]]);
    const before = a.compute();
    a.merge(classification({ labels: 2 }));
    expect(a.compute()).toEqual(before);
  });

  it("refuses another number of labels", () => {
    expect(() => classification({ labels: 2 }).merge(classification({ labels: 3 }))).toThrow(
      "classification: cannot merge 3 labels into 2",
    );
  });
});

describe("bad input", () => {
  it.each([
    [3, 0],
    [0, 3],
    [-1, 0],
    [0.5, 0],
    [Number.NaN, 0],
  ])("prediction %d, reference %d is refused and not counted", (prediction, reference) => {
    const metric = classification({ labels: 3 });
    expect(() => metric.update(prediction, reference)).toThrow("expected a class from 0 to 2, got");
    expect(metric.confusion().flat()).toEqual(new Array(9).fill(0));
  });

  it.each([0, -1, 1.5, Number.NaN])("%d labels are refused", (labels) => {
    expect(() => classification({ labels })).toThrow(RangeError);
  });

  it("a positive class that is not there is refused", () => {
    expect(() => classification({ labels: 2, positive: 2 })).toThrow("expected a class from 0 to 1, got 2");
  });

  it("a matrix that the caller changes does not change the metric", () => {
    const metric = fed({ labels: 2 }, [[1, 1]]);
    metric.confusion()[1][1] = 100;
    expect(metric.confusion()[1][1]).toBe(1);
  });
});
