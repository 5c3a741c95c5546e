/** The report as one HTML file that needs no network: style, script, drawings and rows are in it, and nothing else runs. */
import { hashText } from "../../files/hash.ts";
import { UNITS } from "../../util/format.ts";
import { type Fragment, html, Markup } from "../markup.ts";
import type { ReportData } from "../report-data.ts";
import { curvesSection } from "./curves.ts";
import { dataSection } from "./data-panel.ts";
import { makingSection } from "./making.ts";
import { calibrationSection, outcomeSection } from "./outcome.ts";
import { rowsSection } from "./rows.ts";
import { pageScript } from "./script.ts";
import { STYLE } from "./style.ts";
import { headline, verdictSection } from "./verdict.ts";

export function reportPage(data: ReportData): string {
  const script = pageScript();
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${headline(data)} – ${data.folder}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the report</a>
<header>
${verdictSection(data)}
${contents(data)}
</header>
<main id="content">
${sections(data).map(({ content }) => content)}
</main>
<footer><p>Written by Bertwright from the files in ${data.folder}. All of it is in this one file; it asks no network for anything.</p></footer>
<script>${new Markup(script)}</script>
</body>
</html>
`;
  return page.text;
}

/** Only the page's own style and script, by their hashes; no network, no frames, no forms. */
function contentPolicy(script: string): string {
  const allowed = (text: string) => `'sha256-${hashText(text, "base64")}'`;
  return [
    "default-src 'none'",
    `style-src ${allowed(STYLE)}`,
    `script-src ${allowed(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

interface Section {
  id: string;
  title: string;
  content: Fragment;
}

function sections(data: ReportData): Section[] {
  const { outcome } = data;
  const all: Section[] = [
    { id: "mistakes", title: "Right and wrong", content: outcome && outcomeSection(outcome) },
    { id: "rows", title: "Rows", content: outcome && rowsSection(outcome, UNITS[data.task]) },
    {
      id: "confidence",
      title: "Confidence",
      content: outcome?.calibration && calibrationSection(outcome.calibration),
    },
    { id: "learning", title: "Learning", content: curvesSection(data) },
    { id: "data", title: "Data", content: data.data && dataSection(data.data) },
    { id: "making", title: "Making", content: makingSection(data) },
  ];
  return all.filter(({ content }) => content !== undefined);
}

function contents(data: ReportData): Fragment {
  return html`<nav aria-label="Contents"><ul>${sections(data).map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;
}
