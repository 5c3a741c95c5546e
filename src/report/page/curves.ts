/** How the run went: loss, metrics, learning rate and gradient norm by step, and a table of the evaluations. */

import {
  formatCount,
  formatEpoch,
  formatLoss,
  formatMetric,
  formatNamedMetric,
  formatRate,
} from "../../util/format.ts";
import { lineChart } from "../charts/line-chart.ts";
import { type Fragment, html, type Markup } from "../markup.ts";
import type { EvaluationPoint, ReportData } from "../report-data.ts";

/** Of the files in `plots/`. */
export type CurveName = "loss" | "metric" | "learning-rate" | "gradient-norm";

export interface NamedChart {
  name: CurveName;
  caption: string;
  chart: Markup;
}

/** Those of the curves that have values. */
export function curves(data: ReportData): NamedChart[] {
  const all = [lossChart(data), metricChart(data), rateChart(data), normChart(data)];
  return all.filter((chart) => chart !== undefined);
}

export function curvesSection(data: ReportData): Fragment {
  const charts = curves(data);
  if (charts.length === 0 && data.evaluations.length === 0) return undefined;
  return html`<section id="learning" aria-labelledby="learning-heading">
<h2 id="learning-heading">How it learned</h2>
<div class="charts">
${charts.map(({ caption, chart }) => html`<figure><figcaption>${caption}</figcaption>${chart}</figure>`)}
</div>
${data.evaluations.length > 0 && evaluationTable(data.evaluations, data.verdict?.metric)}
</section>`;
}

function named(name: CurveName, caption: string, chart: Markup | undefined): NamedChart | undefined {
  return chart && { name, caption, chart };
}

/** Fewer steps are drawn as they are. */
function isNoisy(points: readonly unknown[]): boolean {
  return points.length > 40;
}

function bestMark({ verdict }: ReportData) {
  return verdict && { step: verdict.step, label: `best: ${formatCount(verdict.step)}` };
}

function lossChart(data: ReportData): NamedChart | undefined {
  const points = data.steps.map(({ step, loss }) => [step, loss] as const);
  if (points.length === 0) return undefined;
  const [first, last] = [points[0][1], points[points.length - 1][1]];
  const chart = lineChart({
    title: "Training loss",
    description: `From ${formatLoss(first)} at the first step to ${formatLoss(last)} at the last.`,
    unit: "loss",
    points,
    noisy: isNoisy(points),
    fromZero: true,
    mark: bestMark(data),
  });
  const caption = isNoisy(points) ? "Training loss (faint: each step; line: moving mean)" : "Training loss";
  return named("loss", caption, chart);
}

function metricChart(data: ReportData): NamedChart | undefined {
  const { verdict } = data;
  if (!verdict) return undefined;
  const { metric, value, baseline } = verdict;
  const chart = lineChart({
    title: `${metric} on the validation rows`,
    description: `${formatMetric(value)} at step ${verdict.step}, the best; ${formatMetric(baseline)} is the baseline.`,
    unit: metric,
    points: data.evaluations.map((point) => [point.step, point.metrics[metric]] as const),
    dots: true,
    mark: bestMark(data),
    reference: { value: baseline, label: "always the same answer" },
  });
  return named("metric", `${metric} on the validation rows`, chart);
}

function rateChart({ steps }: ReportData): NamedChart | undefined {
  const points = steps.map(({ step, learningRate }) => [step, learningRate] as const);
  const highest = Math.max(...points.map(([, rate]) => rate));
  const chart = lineChart({
    title: "Learning rate",
    description: `Its highest value is ${formatRate(highest)}.`,
    unit: "learning rate",
    points,
    fromZero: true,
  });
  return named("learning-rate", "Learning rate", chart);
}

function normChart({ steps }: ReportData): NamedChart | undefined {
  const points = steps.map(({ step, gradientNorm }) => [step, gradientNorm] as const);
  const highest = Math.max(...points.map(([, norm]) => norm));
  const chart = lineChart({
    title: "Gradient norm",
    description: `Its highest value is ${formatLoss(highest)}.`,
    unit: "norm before clipping",
    points,
    noisy: isNoisy(points),
    fromZero: true,
  });
  return named("gradient-norm", "Gradient norm, before clipping", chart);
}

/** More evaluations than that are told by the curve. */
const MOST_LINES = 60;

function evaluationTable(evaluations: readonly EvaluationPoint[], metric: string | undefined): Markup {
  const names = [...new Set(evaluations.flatMap(({ metrics }) => Object.keys(metrics)))];
  const ordered = metric === undefined ? names : [metric, ...names.filter((name) => name !== metric)];
  const shown = evaluations.slice(-MOST_LINES);
  const left = evaluations.length - shown.length;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Evaluations"><table>
<caption>Evaluations on the validation rows; the best is bold.${left > 0 && ` The first ${left} are left out here.`}</caption>
<thead><tr><th scope="col" class="number">epoch</th><th scope="col" class="number">step</th>${ordered.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${shown.map((point) => evaluationLine(point, ordered))}</tbody>
</table></div>`;
}

function evaluationLine({ step, epoch, metrics, best }: EvaluationPoint, names: readonly string[]): Markup {
  return html`<tr${best && html` class="best"`}><th scope="row" class="number">${formatEpoch(epoch)}</th><td class="number">${formatCount(step)}</td>${names.map(
    (name) => html`<td class="number">${name in metrics ? formatNamedMetric(name, metrics[name]) : "–"}</td>`,
  )}</tr>
`;
}
