/** What all drawings share: size, axes with ticks and titles, and the words for those who do not see them. */
import { type Fragment, html, type Markup } from "../markup.ts";
import { type Scale, tickLabel } from "./scale.ts";

export const WIDTH = 460;
export const HEIGHT = 240;

/** Where the drawing itself lies. */
export const PLOT = { left: 64, right: WIDTH - 14, top: 20, bottom: HEIGHT - 40 };

export interface Axis {
  title: string;
  scale: Scale;
  /** Default: as people write numbers. */
  label?: (value: number) => string;
}

export interface FrameOptions {
  title: string;
  /** What the drawing says, in a sentence. */
  description: string;
  x: Axis;
  y: Axis;
}

/** An SVG element with axes around `content`. Colours and letters are the style sheet's, by class. */
export function frame({ title, description, x, y }: FrameOptions, content: Fragment): Markup {
  return html`<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}. ${description}">
${y.scale.ticks.map((tick) => horizontalLine(tick, y))}
${x.scale.ticks.map((tick) => {
  const at = place(x.scale(tick));
  return html`<text class="tick" x="${at}" y="${PLOT.bottom + 16}" text-anchor="middle">${(x.label ?? tickLabel)(tick)}</text>`;
})}
<line class="axis" x1="${PLOT.left}" x2="${PLOT.right}" y1="${PLOT.bottom}" y2="${PLOT.bottom}"/>
${content}
<text class="title" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${x.title}</text>
<text class="title" transform="translate(13 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)" text-anchor="middle">${y.title}</text>
</svg>`;
}

function horizontalLine(tick: number, { scale, label = tickLabel }: Axis): Markup {
  const at = place(scale(tick));
  return html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}"/><text class="tick" x="${PLOT.left - 7}" y="${place(at + 4)}" text-anchor="end">${label(tick)}</text>
`;
}

/** A coordinate with a tenth of a unit. */
export function place(value: number): number {
  return Math.round(10 * value) / 10;
}
