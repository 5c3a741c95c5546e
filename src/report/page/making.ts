/** How the model was made: the command, the options, and what the run took. */
import { type Fragment, html, type Markup } from "../markup.ts";
import type { OptionLine, ReportData } from "../report-data.ts";

export function makingSection({ options, command, facts }: ReportData): Markup {
  const given = options.filter(({ origin }) => origin !== "default" && origin !== "recipe");
  const chosen = options.filter((option) => !given.includes(option));
  return html`<section id="making" aria-labelledby="making-heading">
<h2 id="making-heading">How it was made</h2>
${
  command !== undefined &&
  html`<p>This command makes it again:</p><pre class="wrapped" id="command">${command}</pre><p><button type="button" class="plain" id="copy" hidden>Copy the command</button></p>`
}
${given.length > 0 && optionTable("Options that were given", given)}
${chosen.length > 0 && html`<details><summary>The ${chosen.length} other options, which had their defaults</summary>${optionTable("Options by default or by the recipe", chosen)}</details>`}
${
  facts.length > 0 &&
  html`<div class="scroll"><table><caption>Machine, versions and cost</caption><tbody>${facts.map(
    ({ name, value }) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
  )}</tbody></table></div>`
}
</section>`;
}

function optionTable(caption: string, options: readonly OptionLine[]): Fragment {
  return html`<div class="scroll"><table><caption>${caption}</caption>
<thead><tr><th scope="col">option</th><th scope="col">value</th><th scope="col">from</th></tr></thead>
<tbody>${options.map(
    ({ name, value, origin }) =>
      html`<tr><th scope="row">${name}</th><td>${value}</td><td>${origin}</td></tr>
`,
  )}</tbody></table></div>`;
}
