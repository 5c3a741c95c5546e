/** The rows themselves: searched, ordered and chosen by a cell; the page's script fills the table. */
import { formatCount, formatPlural } from "../../util/format.ts";
import { embeddedJson, html, type Markup } from "../markup.ts";
import type { Outcome } from "../report-data.ts";
import type { PageRows } from "./script.ts";

export function rowsSection({ rows, samples, groups, scatter }: Outcome, noun: string): Markup {
  const embedded: PageRows = { samples, groups };
  const left = rows - samples.length;
  return html`<section id="rows" aria-labelledby="rows-heading">
<h2 id="rows-heading" tabindex="-1">Its rows</h2>
<p class="note-text">${formatPlural(samples.length, noun)} of ${formatCount(rows)} ${samples.length === 1 ? "is" : "are"} here${
    left > 0
      ? `, the worst of each kind; ${formatCount(left)} are left out (predictions.jsonl has all of them)`
      : ""
  }. The worst are those ${scatter ? "that are farthest from what is right" : "where the right answer was given the least probability"}.</p>
<div class="controls" role="search">
<label>Search <input type="search" id="search" autocomplete="off" spellcheck="false"></label>
<label>Show <select id="group"><option value="-1">all kinds</option>${groups.map(
    ({ label, count }, i) => html`<option value="${i}">${label} (${formatCount(count)})</option>`,
  )}</select></label>
<label>Order <select id="order"><option value="worst">worst first</option><option value="sure">most confident first</option><option value="unsure">least confident first</option><option value="file">as in the file</option></select></label>
<label class="check"><input type="checkbox" id="wrong"> mistakes only</label>
</div>
<p class="note-text" id="rows-status" role="status" aria-live="polite"></p>
<table class="rows"><caption class="note-text">Texts with what is right and what was predicted</caption>
<thead><tr><th scope="col">text</th><th scope="col">gold</th><th scope="col">predicted</th><th scope="col" class="number">confidence</th><th scope="col">where</th></tr></thead>
<tbody id="rows-body"></tbody></table>
<p><button type="button" class="plain" id="more" hidden>Show 50 more</button></p>
<noscript><p>The rows are shown by a script, which this browser does not run; predictions.jsonl holds them too.</p></noscript>
<script type="application/json" id="samples">${embeddedJson(embedded)}</script>
</section>`;
}
