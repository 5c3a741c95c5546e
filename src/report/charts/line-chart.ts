/** Curves over the steps of a run, with the best step marked. */
import { type Fragment, html, type Markup } from "../markup.ts";
import { frame, PLOT, place } from "./frame.ts";
import { extent, linearScale, roundExtent } from "./scale.ts";
import { type Point, smoothed, thinned } from "./series.ts";

export interface LineChart {
  title: string;
  description: string;
  /** Title of the vertical axis. */
  unit: string;
  points: readonly Point[];
  /** Many noisy values: drawn faintly, with their moving mean over them. */
  noisy?: boolean;
  /** Few values: each has a dot. */
  dots?: boolean;
  /** The vertical axis begins at 0. */
  fromZero?: boolean;
  /** A step to mark, with the words at it. */
  mark?: { step: number; label: string };
  /** A value to compare with, such as the baseline's. */
  reference?: { value: number; label: string };
}

/** Undefined where no value is a finite number. */
export function lineChart(chart: LineChart): Markup | undefined {
  const points = chart.points.filter(([, value]) => Number.isFinite(value));
  const reference = chart.reference && Number.isFinite(chart.reference.value) ? chart.reference : undefined;
  const range = extent(points.map(([, value]) => value));
  if (range === undefined) return undefined;
  const shown = extent([...range, ...(reference ? [reference.value] : []), ...(chart.fromZero ? [0] : [])])!;
  const y = linearScale(roundExtent(shown), [PLOT.bottom, PLOT.top]);
  const x = linearScale(stepRange(points), [PLOT.left, PLOT.right]);
  const draw = (line: readonly Point[]) =>
    line.map(([step, value]) => `${place(x(step))},${place(y(value))}`).join(" ");
  return frame(
    {
      ...chart,
      x: { title: "step", scale: x },
      y: { title: chart.unit, scale: y },
    },
    [
      reference && referenceLine(place(y(reference.value)), reference.label),
      html`<polyline class="${chart.noisy ? "faint" : "line"}" points="${draw(thinned(points))}"/>`,
      chart.noisy && html`<polyline class="line" points="${draw(thinned(smoothed(points)))}"/>`,
      chart.dots &&
        points.map(
          ([step, value]) => html`<circle class="dot" cx="${place(x(step))}" cy="${place(y(value))}" r="3"/>`,
        ),
      chart.mark && markLine(place(x(chart.mark.step)), chart.mark.label),
    ],
  );
}

/** From 0 to the last step. */
function stepRange(points: readonly Point[]): [number, number] {
  return [0, Math.max(1, ...points.map(([step]) => step))];
}

function referenceLine(at: number, label: string): Fragment {
  return html`<line class="reference" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}"/><text class="note" x="${PLOT.right}" y="${place(at - 5)}" text-anchor="end">${label}</text>`;
}

function markLine(at: number, label: string): Fragment {
  const left = at > (PLOT.left + PLOT.right) / 2;
  return html`<line class="mark" x1="${at}" x2="${at}" y1="${PLOT.top}" y2="${PLOT.bottom}"/><text class="note" x="${left ? at - 5 : at + 5}" y="${PLOT.top - 6}" text-anchor="${left ? "end" : "start"}">${label}</text>`;
}
