/** The reliability diagram (DeGroot and Fienberg 1983): how often predictions of a confidence are right. */
import { html, type Markup } from "../markup.ts";
import type { Calibration } from "../report-data.ts";
import { frame, PLOT, place } from "./frame.ts";
import { linearScale, tickLabel } from "./scale.ts";

/** Undefined without predictions. */
export function reliabilityDiagram({ bins, error, unit }: Calibration): Markup | undefined {
  if (bins.length === 0) return undefined;
  const x = linearScale([0, 1], [PLOT.left, PLOT.right]);
  const y = linearScale([0, 1], [PLOT.bottom, PLOT.top]);
  return frame(
    {
      title: "Reliability",
      description: `Expected calibration error ${tickLabel(Number(error.toFixed(3)))}, ${bins.length} ranges of confidence.`,
      x: { title: `confidence of a prediction (${unit})`, scale: x },
      y: { title: "share that is right", scale: y },
    },
    [
      html`<line class="reference" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>`,
      bins.map(({ from, to, accuracy }) => {
        const left = place(x(from));
        const top = place(y(accuracy));
        return html`<rect class="bar" x="${left}" y="${top}" width="${place(x(to) - left - 1)}" height="${place(PLOT.bottom - top)}"/>`;
      }),
      bins.map(
        ({ confidence, accuracy }) =>
          html`<circle class="dot" cx="${place(x(confidence))}" cy="${place(y(accuracy))}" r="3"/>`,
      ),
    ],
  );
}
