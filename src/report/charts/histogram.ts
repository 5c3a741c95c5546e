/** Counts of values in ranges of equal width. */
import { html, type Markup } from "../markup.ts";
import { frame, PLOT, place } from "./frame.ts";
import { linearScale, roundExtent } from "./scale.ts";

export interface Histogram {
  title: string;
  description: string;
  /** What is on the horizontal axis, and what is counted. */
  unit: string;
  counted: string;
  bars: readonly Bar[];
  /** A value to mark, such as the longest that is read. */
  mark?: { value: number; label: string };
}

export interface Bar {
  from: number;
  to: number;
  count: number;
}

/** Undefined without bars. */
export function histogram({ bars, mark, unit, counted, ...words }: Histogram): Markup | undefined {
  if (bars.length === 0) return undefined;
  const end = Math.max(bars[bars.length - 1].to, mark?.value ?? 0);
  const x = linearScale([Math.min(0, bars[0].from), end], [PLOT.left, PLOT.right]);
  const y = linearScale(roundExtent([0, Math.max(...bars.map(({ count }) => count))]), [
    PLOT.bottom,
    PLOT.top,
  ]);
  const draw = ({ from, to, count }: Bar) => {
    const left = place(x(from));
    const top = place(y(count));
    const width = place(Math.max(0.5, x(to) - left - 1));
    return html`<rect class="bar" x="${left}" y="${top}" width="${width}" height="${place(PLOT.bottom - top)}"/>`;
  };
  return frame({ ...words, x: { title: unit, scale: x }, y: { title: counted, scale: y } }, [
    bars.filter(({ count }) => count > 0).map(draw),
    mark && markLine(place(x(mark.value)), mark.label),
  ]);
}

function markLine(at: number, label: string): Markup {
  return html`<line class="mark" x1="${at}" x2="${at}" y1="${PLOT.top}" y2="${PLOT.bottom}"/><text class="note" x="${at - 5}" y="${PLOT.top - 6}" text-anchor="end">${label}</text>`;
}
