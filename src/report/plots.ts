/** The drawings of a report as files of their own, each with its numbers: `plots/NAME.svg` and `plots/NAME.csv`. */

import { PLOTS } from "../training/run-folder/names.ts";
import { csvLine } from "../util/csv.ts";
import { heatmap } from "./charts/heatmap.ts";
import { reliabilityDiagram } from "./charts/reliability.ts";
import { scatterPlot } from "./charts/scatter.ts";
import type { Markup } from "./markup.ts";
import { type CurveName, curves } from "./page/curves.ts";
import { lengthsChart } from "./page/data-panel.ts";
import { chartRules } from "./page/style.ts";
import type { Matrix, ReportData, StepPoint } from "./report-data.ts";

export interface PlotFile {
  /** Within the run's folder. */
  name: string;
  content: string;
}

type Cell = string | number | undefined;

/** Those that have something to show. */
export function plotFiles(data: ReportData): PlotFile[] {
  return [...curvePlots(data), ...outcomePlots(data)].flatMap(({ name, chart, table }) => {
    if (chart === undefined) return [];
    return [
      { name: `${PLOTS}/${name}.svg`, content: standalone(chart) },
      { name: `${PLOTS}/${name}.csv`, content: table.map(csvLine).join("") },
    ];
  });
}

interface Plot {
  name: string;
  chart: Markup | undefined;
  table: Cell[][];
}

function curvePlots(data: ReportData): Plot[] {
  const { steps, evaluations, verdict } = data;
  const bySteps = (column: string, pick: (point: StepPoint) => number) => [
    ["step", "epoch", column],
    ...steps.map((point) => [point.step, point.epoch, pick(point)]),
  ];
  const metric = verdict?.metric ?? "";
  const tables: Readonly<Record<CurveName, Cell[][]>> = {
    loss: bySteps("loss", ({ loss }) => loss),
    metric: [
      ["step", "epoch", metric],
      ...evaluations.map(({ step, epoch, metrics }) => [step, epoch, metrics[metric]]),
    ],
    "learning-rate": bySteps("learning_rate", ({ learningRate }) => learningRate),
    "gradient-norm": bySteps("grad_norm", ({ gradientNorm }) => gradientNorm),
  };
  return curves(data).map(({ name, chart }) => ({ name, chart, table: tables[name] }));
}

function outcomePlots({ outcome, data }: ReportData): Plot[] {
  const matrix = outcome?.matrices[0];
  const { calibration, scatter } = outcome ?? {};
  const lengths = data?.train.lengths;
  const plots: (Plot | undefined)[] = [
    matrix && { name: "confusion", chart: heatmap(matrix), table: matrixTable(matrix) },
    calibration && {
      name: "calibration",
      chart: reliabilityDiagram(calibration),
      table: [
        ["from", "to", "count", "confidence", "accuracy"],
        ...calibration.bins.map(({ from, to, count, confidence, accuracy }) => [
          from,
          to,
          count,
          confidence,
          accuracy,
        ]),
      ],
    },
    scatter && {
      name: "scatter",
      chart: scatterPlot(scatter),
      table: [["gold", "predicted"], ...scatter.points.map(([gold, predicted]) => [gold, predicted])],
    },
    data && {
      name: "lengths",
      chart: lengthsChart(data),
      table: [["from", "to", "rows"], ...(lengths?.bins ?? []).map(({ from, to, rows }) => [from, to, rows])],
    },
  ];
  return plots.filter((plot) => plot !== undefined);
}

function matrixTable({ lines, columns, cells }: Matrix): Cell[][] {
  return [
    ["gold \\ predicted", ...columns],
    ...lines.map((name, i) => [name, ...cells[i].map(({ count }) => count)]),
  ];
}

/** A file that any viewer shows as the page does in light colours. */
function standalone(chart: Markup): string {
  const rules = chartRules("#1f1e1b", "#5f5b53", "#ddd8cd", "#17607a", "#9c3015", "sans-serif");
  const paper = "svg { background: #fcfbf8; } .right { fill: #17607a; } .wrong { fill: #b03e1c; }";
  return `<?xml version="1.0" encoding="UTF-8"?>\n${chart.text.replace(">", () => `>\n<style>${paper}\n${rules}</style>`)}\n`;
}
