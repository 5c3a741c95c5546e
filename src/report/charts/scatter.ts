/** Right numbers against predicted ones, a dot a row. */
import { html, type Markup } from "../markup.ts";
import type { Scatter } from "../report-data.ts";
import { frame, PLOT, place } from "./frame.ts";
import { extent, linearScale, roundExtent } from "./scale.ts";

/** Undefined without a finite number. */
export function scatterPlot({ points }: Scatter): Markup | undefined {
  const range = extent(points.flat());
  if (range === undefined) return undefined;
  const ends = roundExtent(range);
  const x = linearScale(ends, [PLOT.left, PLOT.right]);
  const y = linearScale(ends, [PLOT.bottom, PLOT.top]);
  const finite = points.filter(([gold, predicted]) => Number.isFinite(gold) && Number.isFinite(predicted));
  return frame(
    {
      title: "Right and predicted numbers",
      description: `${finite.length} rows from ${ends[0]} to ${ends[1]}.`,
      x: { title: "right", scale: x },
      y: { title: "predicted", scale: y },
    },
    [
      html`<line class="reference" x1="${x(ends[0])}" y1="${y(ends[0])}" x2="${x(ends[1])}" y2="${y(ends[1])}"/>`,
      finite.map(
        ([gold, predicted]) =>
          html`<circle class="point" cx="${place(x(gold))}" cy="${place(y(predicted))}" r="2.5"/>`,
      ),
    ],
  );
}
