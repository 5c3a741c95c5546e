/** The page's first words: how well the model does, against the answer that ignores the text. */
import { formatCount, formatEpoch, formatMetric, formatPlural, UNITS } from "../../util/format.ts";
import { type Fragment, html, type Markup } from "../markup.ts";
import type { Interval, ReportData, Verdict } from "../report-data.ts";

const TASK_NAMES = {
  "text-classification": "Text classification",
  "token-classification": "Tagging",
  "question-answering": "Question answering",
} as const;

export function verdictSection(data: ReportData): Markup {
  const { verdict } = data;
  return html`<p class="overline">${TASK_NAMES[data.task]} · fine-tuned from ${data.model}</p>
<h1>${headline(data)}</h1>
${verdict && html`<p class="lead">${sentences(data, verdict)}</p>`}
<p class="state">${stateOf(data)}</p>`;
}

/** The title of the page, and of the browser's tab with it. */
export function headline({ verdict, state }: ReportData): string {
  if (!verdict) return state.name === "running" ? "Training has begun" : "How good it is was not measured";
  const { metric, value } = verdict;
  return `${HEADLINES[judge(verdict)]}: ${metric} ${formatMetric(value)}`;
}

const HEADLINES = {
  better: "Better than guessing",
  unclear: "Not told apart from guessing",
  worse: "Worse than guessing",
} as const;

/** By the interval of the difference where there is one. */
function judge({ value, baseline, greaterIsBetter, difference }: Verdict): keyof typeof HEADLINES {
  const ends = difference ? [difference.low, difference.high] : [value - baseline];
  const gains = greaterIsBetter ? ends : ends.map((end) => -end);
  if (gains.every((gain) => gain > 0)) return "better";
  return gains.every((gain) => gain < 0) ? "worse" : "unclear";
}

function sentences({ task }: ReportData, verdict: Verdict): Fragment {
  const { metric, value, baseline, interval, difference, rows, on } = verdict;
  const measured = rows === undefined ? "the validation rows" : formatPlural(rows, UNITS[task]);
  const source = on === undefined ? "" : ` of ${on}`;
  return [
    html`The model has ${metric} <strong>${formatMetric(value)}</strong> on ${measured}${source}${interval && ` (${range(interval)})`}. `,
    html`Always the same answer has ${formatMetric(baseline)}`,
    difference && html`; the difference is ${formatMetric(value - baseline)} (${range(difference)})`,
    ".",
    verdict.greaterIsBetter ? "" : " Lower is better.",
  ];
}

function range({ low, high, level }: Interval): string {
  return `${Math.round(100 * level)} % interval ${formatMetric(low)} to ${formatMetric(high)}`;
}

function stateOf({ state, verdict }: ReportData): string {
  const place = `step ${formatCount(state.step)} (epoch ${formatEpoch(state.epoch)})`;
  const kept =
    verdict &&
    ` The best weights are those of step ${formatCount(verdict.step)} (epoch ${formatEpoch(verdict.epoch)}).`;
  return `${STATES[state.name]} ${place}.${kept ?? ""}`;
}

const STATES = {
  running: "The run had not come to its end when this was written; it was at",
  stopped: "The run was stopped at",
  finished: "The run is finished, at",
} as const;
