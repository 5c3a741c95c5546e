/** A matrix of counts as a drawing, for the files of `plots/`; the page has a table in its place. */
import { formatCount } from "../../util/format.ts";
import { html, type Markup } from "../markup.ts";
import type { Matrix, MatrixCell } from "../report-data.ts";
import { place } from "./frame.ts";

const CELL = { width: 64, height: 30 };
const LEFT = 150;
const TOP = 96;
/** Letters of a name; a longer one ends in an ellipsis. */
const LETTERS = 20;

export function heatmap({ caption, lines, columns, cells }: Matrix): Markup {
  const [width, height] = [LEFT + CELL.width * columns.length + 50, TOP + CELL.height * lines.length + 12];
  const most = Math.max(1, ...cells.flat().map(({ count }) => count));
  const x = (column: number) => LEFT + CELL.width * column;
  const y = (line: number) => TOP + CELL.height * line;
  return html`<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${caption}">
${columns.map((name, j) => html`<text transform="translate(${x(j) + CELL.width / 2} ${TOP - 8}) rotate(-35)">${shortName(name)}</text>`)}
${lines.map((name, i) => html`<text x="${LEFT - 8}" y="${y(i) + 19}" text-anchor="end">${shortName(name)}</text>`)}
${cells.map((line, i) => line.map((cell, j) => drawCell(cell, x(j), y(i), most)))}
</svg>`;
}

function drawCell({ count, right }: MatrixCell, x: number, y: number, most: number): Markup {
  const strength = place(count / most) * 0.75 + (count > 0 ? 0.08 : 0);
  return html`<rect class="${right ? "right" : "wrong"}" x="${x}" y="${y}" width="${CELL.width - 1}" height="${CELL.height - 1}" fill-opacity="${strength.toFixed(3)}"/><text class="note" x="${x + CELL.width / 2}" y="${y + 19}" text-anchor="middle">${formatCount(count)}</text>
`;
}

function shortName(name: string): string {
  return name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name;
}
