/** The report's style sheet: a page to read, in light and dark, from 320 pixels on. No style stands in an attribute. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfbf8; --panel: #f4f2ec; --ink: #1f1e1b; --soft: #5f5b53; --rule: #ddd8cd;
  --accent: #17607a; --on-accent: #ffffff; --wrong: #9c3015; --right: #1c6b3f;
  --heat: 23 96 122; --heat-wrong: 176 62 28;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181a; --panel: #1f2225; --ink: #e9e6df; --soft: #a8a49b; --rule: #383b3e;
    --accent: #85c5de; --on-accent: #10262e; --wrong: #f09a7d; --right: #86d3a5;
    --heat: 90 170 200; --heat-wrong: 220 110 75;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; overflow-wrap: anywhere; background: var(--paper); color: var(--ink); font: 17px/1.6 var(--serif); }
main, header, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3rem; }
footer { padding: 1rem 1.25rem 4rem; color: var(--soft); font-size: 0.9rem; }
h1 { font-size: clamp(1.7rem, 5vw, 2.6rem); line-height: 1.15; font-weight: 600; margin: 0.4rem 0 0.8rem; letter-spacing: -0.01em; }
h2 { font-size: 1.5rem; font-weight: 600; margin: 3.2rem 0 0.6rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1.1rem; font-weight: 600; margin: 1.8rem 0 0.5rem; }
p { margin: 0.5rem 0; max-width: 42rem; overflow-wrap: anywhere; }
.overline, .state { font-family: var(--sans); font-size: 0.85rem; color: var(--soft); }
.lead { font-size: 1.15rem; }
.note-text { color: var(--soft); font-size: 0.92rem; }
nav { font-family: var(--sans); font-size: 0.9rem; margin-top: 1.4rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; padding: 0; margin: 0; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--paper); padding: 0.3rem 0.6rem; }
code, pre { font-family: var(--mono); font-size: 0.85rem; }
pre { background: var(--panel); padding: 0.8rem 1rem; border-radius: 4px; overflow-x: auto; line-height: 1.5; }
pre.wrapped { white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: 0.8rem 0; }
table { border-collapse: collapse; font: 0.88rem/1.45 var(--sans); font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.5rem; font-size: 0.92rem; max-width: min(42rem, calc(100vw - 2.5rem)); }
th, td { padding: 0.35rem 0.9rem 0.35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); overflow-wrap: break-word; }
th { font-weight: 600; }
thead th { color: var(--soft); font-weight: 500; vertical-align: bottom; }
td.number, th.number { text-align: right; white-space: nowrap; overflow-wrap: normal; }
tr.best td, tr.best th { font-weight: 650; }
.given td, .given th { font-weight: 500; }
button, input, select { font: inherit; font-family: var(--sans); font-size: 0.9rem; color: var(--ink); }
button { cursor: pointer; }
button.text { background: none; border: 0; padding: 0; color: var(--accent); text-decoration: underline; text-underline-offset: 0.15em; text-align: inherit; font-size: inherit; }
button.plain { background: var(--panel); border: 1px solid var(--rule); border-radius: 4px; padding: 0.35rem 0.8rem; }
.matrix { table-layout: auto; }
.matrix th, .matrix td { padding: 0; border: 1px solid var(--paper); }
.matrix thead th, .matrix tbody th { padding: 0.3rem 0.6rem; max-width: 9rem; vertical-align: middle; }
.matrix tbody th { text-align: right; }
.matrix thead th { text-align: center; }
.matrix td { vertical-align: middle; min-width: 3.4rem; text-align: center; background: var(--panel); }
.matrix td button { display: block; width: 100%; border: 0; padding: 0.55rem 0.5rem; background: transparent; color: inherit; }
.matrix td button[aria-pressed="true"] { outline: 2px solid var(--ink); outline-offset: -2px; }
.matrix td .zero { display: block; padding: 0.55rem 0.5rem; color: var(--soft); }
${heatRules()}
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.5rem 2rem; margin: 1rem 0; }
.charts.single { grid-template-columns: minmax(0, 34rem); }
figure { margin: 0; min-width: 0; }
figcaption { font: 600 0.92rem/1.4 var(--sans); margin-bottom: 0.3rem; }
.controls { display: flex; flex-wrap: wrap; gap: 0.7rem 1rem; align-items: end; margin: 1rem 0 0.6rem; font: 0.85rem var(--sans); }
.controls label { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.2rem; color: var(--soft); max-width: 100%; min-width: 0; }
.controls label.check { display: flex; align-items: center; gap: 0.4rem; padding-bottom: 0.4rem; }
.controls input[type="search"], .controls select { background: var(--paper); border: 1px solid var(--soft); border-radius: 4px; padding: 0.35rem 0.5rem; max-width: 100%; }
.rows { width: 100%; }
.rows .where { color: var(--soft); white-space: nowrap; max-width: 12rem; overflow: hidden; text-overflow: ellipsis; }
.rows .words { font-family: var(--serif); font-size: 1rem; width: 55%; padding-right: 1.2rem; white-space: pre-line; }
.rows td { overflow-wrap: anywhere; }
.rows .gold, .rows .yes, .rows .no { min-width: 8rem; }
.rows .no { color: var(--wrong); }
.rows .yes { color: var(--right); }
mark { background: none; color: inherit; border-bottom: 2px solid; padding-bottom: 1px; }
mark.right { border-color: var(--right); }
mark.wrong, mark.missed, mark.extra { border-color: var(--wrong); }
mark.missed { border-bottom-style: dashed; }
mark.extra { border-bottom-style: dotted; }
mark small { font: 0.7rem var(--sans); color: var(--soft); margin-left: 0.25rem; }
mark.wrong small, mark.missed small, mark.extra small { color: var(--wrong); }
details { margin: 0.8rem 0; }
summary { cursor: pointer; font: 0.92rem var(--sans); color: var(--accent); }
.chart { display: block; width: 100%; height: auto; }
${chartRules("var(--ink)", "var(--soft)", "var(--rule)", "var(--accent)", "var(--wrong)", "var(--sans)")}
@media (max-width: 40rem) {
  body { font-size: 16px; }
  header { padding-top: 1.6rem; }
  .rows thead { position: absolute; left: -100rem; }
  .rows, .rows tbody, .rows tr, .rows td { display: block; width: auto; }
  .rows tr { border-bottom: 1px solid var(--rule); padding: 0.7rem 0; }
  .rows td { border: 0; padding: 0.1rem 0; }
  .rows .words { width: auto; }
  .rows .gold, .rows .yes, .rows .no { min-width: 0; }
  .rows .where { max-width: none; white-space: normal; }
  .rows td[data-name]::before { content: attr(data-name) " "; color: var(--soft); }
}
@media print { .controls, nav, .skip, #copy { display: none; } }
`;

/** Ten strengths of the colour of a matrix's cell, for right and for wrong predictions. */
function heatRules(): string {
  return Array.from({ length: 10 }, (_, i) => {
    const strength = (0.06 + 0.055 * i).toFixed(3);
    return `.matrix td.right-${i} { background: rgb(var(--heat) / ${strength}); } .matrix td.wrong-${i} { background: rgb(var(--heat-wrong) / ${strength}); }`;
  }).join("\n");
}

/** Rules of the drawings, which stand in files of their own too. */
export function chartRules(
  ink: string,
  soft: string,
  rule: string,
  accent: string,
  wrong: string,
  letters: string,
): string {
  return `.chart text { font: 12px ${letters}; fill: ${soft}; }
.chart .note { fill: ${ink}; font-size: 11px; }
.chart .grid { stroke: ${rule}; stroke-width: 1; }
.chart .axis { stroke: ${soft}; stroke-width: 1; }
.chart .line { fill: none; stroke: ${accent}; stroke-width: 1.8; stroke-linejoin: round; }
.chart .faint { fill: none; stroke: ${accent}; stroke-width: 1; opacity: 0.3; stroke-linejoin: round; }
.chart .dot { fill: ${accent}; }
.chart .point { fill: ${accent}; opacity: 0.45; }
.chart .bar { fill: ${accent}; opacity: 0.55; }
.chart .reference { stroke: ${soft}; stroke-width: 1.2; stroke-dasharray: 5 4; }
.chart .mark { stroke: ${wrong}; stroke-width: 1.2; stroke-dasharray: 2 3; }`;
}
