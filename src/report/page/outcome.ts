/** Where the model is right and where it is wrong: matrices and tables whose cells lead to their rows. */
import { formatCount, formatMetric, formatPlural } from "../../util/format.ts";
import { reliabilityDiagram } from "../charts/reliability.ts";
import { scatterPlot } from "../charts/scatter.ts";
import { type Fragment, html, type Markup } from "../markup.ts";
import type {
  Calibration,
  Matrix,
  MatrixCell,
  Outcome,
  ScoreColumn,
  ScoreLine,
  ScoreTable,
} from "../report-data.ts";

export function outcomeSection(outcome: Outcome): Markup {
  const positions = new Map(outcome.groups.map(({ key }, i) => [key, i]));
  const plot = outcome.scatter && scatterPlot(outcome.scatter);
  return html`<section id="mistakes" aria-labelledby="mistakes-heading">
<h2 id="mistakes-heading">Where it is right and wrong</h2>
<p class="note-text">A coloured number opens its rows, and so does an underlined name.</p>
${outcome.matrices.map((matrix) => matrixTable(matrix, positions))}
${outcome.tables.map((table) => scoreTable(table, positions))}
${plot && html`<div class="charts single"><figure><figcaption>Right and predicted numbers</figcaption>${plot}</figure></div>`}
</section>`;
}

type Positions = ReadonlyMap<string, number>;

function matrixTable({ caption, lines, columns, cells }: Matrix, positions: Positions): Markup {
  const counts = (right: boolean) => cells.flat().map((cell) => (cell.right === right ? cell.count : 0));
  const most = { right: Math.max(1, ...counts(true)), wrong: Math.max(1, ...counts(false)) };
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="matrix">
<caption>${caption}</caption>
<thead><tr><th scope="col">right ↓ predicted →</th>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${lines.map(
    (name, i) => html`<tr><th scope="row">${name}</th>${cells[i].map((cell, j) =>
      matrixCell(cell, cell.right ? most.right : most.wrong, `${name}, predicted ${columns[j]}`, positions),
    )}</tr>
`,
  )}</tbody>
</table></div>`;
}

/** Strengths of the colour, as the style sheet has them. */
const STRENGTHS = 10;

function matrixCell(
  { count, right, group }: MatrixCell,
  most: number,
  name: string,
  positions: Positions,
): Markup {
  if (count === 0) return html`<td><span class="zero">0</span></td>`;
  const strength = Math.min(STRENGTHS - 1, Math.floor((STRENGTHS * count) / most));
  return html`<td class="${right ? "right" : "wrong"}-${strength}">${groupButton(formatCount(count), `${name}: ${formatPlural(count, "case")}`, positions.get(group), "")}</td>`;
}

/** A button that shows the rows of a group; the text alone where none of them is embedded. */
function groupButton(text: string, label: string, position: number | undefined, style: string): Markup {
  if (position === undefined) return html`<span class="zero">${text}</span>`;
  return html`<button type="button"${style !== "" && html` class="${style}"`} data-group="${position}" aria-pressed="false" aria-label="${label}">${text}</button>`;
}

function scoreTable({ caption, name, columns, lines }: ScoreTable, positions: Positions): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr><th scope="col">${name}</th>${columns.map((column) => html`<th scope="col" class="number">${column.name}</th>`)}</tr></thead>
<tbody>${lines.map((line) => scoreLine(line, columns, positions))}</tbody>
</table></div>`;
}

function scoreLine(
  { name, values, group }: ScoreLine,
  columns: readonly ScoreColumn[],
  positions: Positions,
): Markup {
  const position = group === undefined ? undefined : positions.get(group);
  const title =
    position === undefined ? html`${name}` : groupButton(name, `Rows of ${name}`, position, "text");
  const numbers = values.map((value, i) => html`<td class="number">${scoreText(value, columns[i])}</td>`);
  return html`<tr><th scope="row">${title}</th>${numbers}</tr>
`;
}

function scoreText(value: number | undefined, { counts }: ScoreColumn): string {
  if (value === undefined) return "–";
  return counts ? formatCount(value) : formatMetric(value);
}

export function calibrationSection(calibration: Calibration): Fragment {
  const diagram = reliabilityDiagram(calibration);
  if (!diagram) return undefined;
  const { bins, error, unit } = calibration;
  return html`<section id="confidence" aria-labelledby="confidence-heading">
<h2 id="confidence-heading">How far its confidence can be trusted</h2>
<p>Expected calibration error: <strong>${formatMetric(error)}</strong>. ${advice(calibration)}</p>
<div class="charts single"><figure><figcaption>On the dashed line, a prediction of confidence 0.8 is right 8 times of 10</figcaption>${diagram}</figure></div>
<details><summary>The diagram's numbers</summary><div class="scroll"><table>
<thead><tr><th scope="col">confidence</th><th scope="col" class="number">${unit}s</th><th scope="col" class="number">mean confidence</th><th scope="col" class="number">share that is right</th></tr></thead>
<tbody>${bins.map(
    ({ from, to, count, confidence, accuracy }) =>
      html`<tr><th scope="row">${from.toFixed(1)} to ${to.toFixed(1)}</th><td class="number">${formatCount(count)}</td><td class="number">${formatMetric(confidence)}</td><td class="number">${formatMetric(accuracy)}</td></tr>`,
  )}</tbody></table></div></details>
</section>`;
}

/** Below this difference nobody needs to care. */
const SLIGHT = 0.02;

function advice({ bins }: Calibration): string {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const excess = bins.reduce((sum, bin) => sum + bin.count * (bin.confidence - bin.accuracy), 0) / total;
  if (Math.abs(excess) < SLIGHT) return "On the whole it is as sure as it is right.";
  const by = formatMetric(Math.abs(excess));
  return excess > 0
    ? `It is surer than it is right, by ${by} on the mean.`
    : `It is less sure than it is right, by ${by} on the mean.`;
}
