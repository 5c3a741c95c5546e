/** Scales, series and drawings: where values go, and what is drawn of odd ones. */
import { describe, expect, it } from "vitest";
import { histogram } from "./histogram.ts";
import { lineChart } from "./line-chart.ts";
import { reliabilityDiagram } from "./reliability.ts";
import { extent, linearScale, roundExtent, tickLabel, ticksBetween } from "./scale.ts";
import { scatterPlot } from "./scatter.ts";
import { type Point, smoothed, thinned } from "./series.ts";

describe("a scale", () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 804, [0, 200, 400, 600, 800]],
    [0.61, 0.83, [0.65, 0.7, 0.75, 0.8]],
    [0, 5e-5, [0, 1e-5, 2e-5, 3e-5, 4e-5, 5e-5]],
    [-3, 3, [-2, 0, 2]],
  ])("from %d to %d has round ticks", (low, high, ticks) => {
    expect(ticksBetween(low, high, 5)).toEqual(ticks);
  });

  it("places its ends and what is between", () => {
    const scale = linearScale([10, 20], [100, 0]);
    expect([10, 15, 20].map(scale)).toEqual([100, 50, 0]);
  });

  it("has an extent of finite values, with room around a single one", () => {
    expect(extent([3, Number.NaN, -1, Number.POSITIVE_INFINITY])).toEqual([-1, 3]);
    expect(extent([5, 5])).toEqual([4.5, 5.5]);
    expect(extent([0])).toEqual([-1, 1]);
    expect(extent([Number.NaN])).toBeUndefined();
    expect(roundExtent([0.61, 0.83])).toEqual([0.6, 0.85]);
  });

  it("writes ticks as people do", () => {
    expect([0, 1200, 0.05, 2e-5, -0.5, -2e-5].map(tickLabel)).toEqual([
      ...["0", "1,200", "0.05", "2e−5", "−0.5", "−2e−5"],
    ]);
  });
});

describe("a series", () => {
  const line = Array.from({ length: 1000 }, (_, i): Point => [i, i]);

  it("is thinned to what can be drawn, with both ends", () => {
    const thin = thinned(line, 100);
    expect(thin.length).toBeLessThanOrEqual(100);
    expect([thin[0], thin[thin.length - 1]]).toEqual([
      [0, 0],
      [999, 999],
    ]);
    expect(thinned(line.slice(0, 7), 100)).toEqual(line.slice(0, 7));
  });

  it("is smoothed and not shifted: a straight line stays one", () => {
    smoothed(line).forEach(([x, y]) => {
      expect(y).toBeCloseTo(x, 9);
    });
    const noisy = line.map(([x], i): Point => [x, i % 2]);
    expect(smoothed(noisy)[500][1]).toBeCloseTo(0.5, 1);
  });
});

const WORDS = { title: "T", description: "D." };

describe("a line chart", () => {
  const chart = {
    ...WORDS,
    unit: "loss",
    points: [
      [1, 0.5],
      [2, 0.25],
    ] as Point[],
  };

  it("says in words what it shows", () => {
    expect(lineChart(chart)!.text).toContain('role="img" aria-label="T. D."');
  });

  it("marks the best step and the baseline", () => {
    const text = lineChart({
      ...chart,
      mark: { step: 2, label: "best: 2" },
      reference: { value: 0.75, label: "baseline" },
    })!.text;
    expect(text).toMatch(/class="mark".*best: 2/);
    expect(text).toMatch(/class="reference".*baseline/);
    expect(text).toContain(">0.8<");
  });

  it("leaves out what is not a number, and is nothing where all is so", () => {
    const [, points] = /points="([^"]*)"/.exec(
      lineChart({
        ...chart,
        points: [
          [1, 1],
          [2, Number.NaN],
          [3, 2],
        ],
      })!.text,
    )!;
    expect(points.split(" ")).toHaveLength(2);
    expect(lineChart({ ...chart, points: [[1, Number.NaN]] })).toBeUndefined();
    expect(lineChart({ ...chart, points: [] })).toBeUndefined();
    expect(lineChart({ ...chart, reference: { value: Number.NaN, label: "baseline" } })!.text).not.toContain(
      "baseline",
    );
  });

  it.each([
    ["one point", [[1, 0.5]]],
    [
      "zeros",
      [
        [1, 0],
        [2, 0],
      ],
    ],
    [
      "huge values",
      [
        [1, 1e300],
        [2, -1e300],
      ],
    ],
  ] as [string, Point[]][])("draws %s with finite coordinates", (_name, points) => {
    expect(lineChart({ ...chart, points, fromZero: true })!.text).not.toMatch(/NaN|Infinity/);
  });
});

it("a histogram has a bar for each range with something in it", () => {
  const bars = [
    { from: 0, to: 10, count: 4 },
    { from: 10, to: 20, count: 0 },
    { from: 20, to: 30, count: 2 },
  ];
  const { text } = histogram({
    ...WORDS,
    unit: "tokens",
    counted: "rows",
    bars,
    mark: { value: 25, label: "limit" },
  })!;
  const heights = [...text.matchAll(/class="bar"[^>]*height="([\d.]+)"/g)].map(([, height]) =>
    Number(height),
  );
  expect(heights).toHaveLength(2);
  expect(heights[0]).toBeCloseTo(2 * heights[1], 0);
  expect(histogram({ ...WORDS, unit: "tokens", counted: "rows", bars: [] })).toBeUndefined();
});

it("diagrams of no values are nothing", () => {
  expect(reliabilityDiagram({ unit: "row", bins: [], error: 0 })).toBeUndefined();
  expect(scatterPlot({ points: [] })).toBeUndefined();
  const bin = { from: 0.9, to: 1, count: 3, confidence: 0.95, accuracy: 1 };
  expect(reliabilityDiagram({ unit: "row", bins: [bin], error: 0.05 })!.text).toContain('class="dot"');
  expect(
    scatterPlot({
      points: [
        [1, 2],
        [2, 2],
      ],
    })!.text.match(/class="point"/g),
  ).toHaveLength(2);
});
