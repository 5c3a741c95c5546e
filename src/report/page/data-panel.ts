/** What the model learned from: labels, lengths, and what `inspect` finds. */

import type { LabelCount } from "../../text/data/labels.ts";
import type { LengthReport } from "../../text/data/lengths.ts";
import { type DataReport, formatReport } from "../../text/data/report.ts";
import { formatCount } from "../../util/format.ts";
import { histogram } from "../charts/histogram.ts";
import { type Fragment, html, type Markup } from "../markup.ts";

export function dataSection(report: DataReport): Markup {
  const chart = lengthsChart(report);
  return html`<section id="data" aria-labelledby="data-heading">
<h2 id="data-heading">What it learned from</h2>
${labelTable(report)}
${chart && html`<div class="charts single"><figure><figcaption>Lengths of the training texts</figcaption>${chart}</figure></div>`}
<h3>What <code>inspect</code> says of the files</h3>
<pre class="wrapped">${formatReport(report)}</pre>
</section>`;
}

/** Undefined where lengths were not counted. */
export function lengthsChart({ train: { lengths } }: DataReport): Markup | undefined {
  if (!lengths?.bins) return undefined;
  const { median, max, exceeding } = lengths;
  return histogram({
    title: "Lengths of the training texts",
    description: `Median ${median} tokens, longest ${max}.`,
    unit: "tokens",
    counted: "rows",
    bars: lengthBars(lengths),
    mark:
      exceeding && exceeding.limit < max
        ? { value: exceeding.limit, label: `limit: ${exceeding.limit}` }
        : undefined,
  });
}

export function lengthBars({ bins = [] }: LengthReport) {
  return bins.map(({ from, to, rows }) => ({ from, to: to + 1, count: rows }));
}

/** More labels than that are told by `inspect`'s lines. */
const MOST_LABELS = 40;

function labelTable(report: DataReport): Fragment {
  const counted = countedLabels(report);
  if (!counted || counted.train.length === 0) return undefined;
  const { noun, train, validation } = counted;
  const inValidation = validation && new Map(validation.map(({ label, count }) => [label, count]));
  const shown = train.slice(0, MOST_LABELS);
  const left = train.length - shown.length;
  const share = shares(train);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="How often each ${noun} occurs"><table>
<caption>How often each ${noun} occurs.${left > 0 && ` ${left} rarer ones are left out.`}</caption>
<thead><tr><th scope="col">${noun}</th><th scope="col" class="number">training</th><th scope="col" class="number">share</th>${inValidation && html`<th scope="col" class="number">validation</th>`}</tr></thead>
<tbody>${shown.map(
    ({ label, count }) =>
      html`<tr><th scope="row">${label}</th><td class="number">${formatCount(count)}</td><td class="number">${share(count)}</td>${inValidation && html`<td class="number">${formatCount(inValidation.get(label) ?? 0)}</td>`}</tr>
`,
  )}</tbody></table></div>`;
}

function shares(counts: readonly LabelCount[]): (count: number) => string {
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  return (count) => `${((100 * count) / all).toFixed(1)} %`;
}

/** Labels, types of entities or tags; numbers and answers have none. */
export function countedLabels(
  report: DataReport,
): { noun: string; train: readonly LabelCount[]; validation?: readonly LabelCount[] } | undefined {
  if (report.task === "text-classification") {
    const { labels } = report.train;
    return labels && { noun: "label", train: labels, validation: report.validation?.labels };
  }
  if (report.task === "question-answering") return undefined;
  const { entities, tags } = report.train;
  if (entities) return { noun: "type of entities", train: entities, validation: report.validation?.entities };
  return tags && { noun: "tag", train: tags, validation: report.validation?.tags };
}
