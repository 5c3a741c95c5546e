/** `train --dry-run`: what a training would take, from a few of its steps. */

import { formatMemory, formatMetric, formatPlural, formatSeconds } from "../../util/format.ts";
import { shellLine } from "../../util/shell-words.ts";
import { type Context, withProgress } from "./context.ts";
import type { DryRunResult, FineTuneOptions, TrainingEvent } from "./library.ts";
import type { ProgressMode } from "./options.ts";
import { describeLasting } from "./progress/wording.ts";

/** What the summary says again. */
const IN_SUMMARY: readonly TrainingEvent["type"][] = ["data", "recipe", "memory"];

export async function tryTraining(
  options: FineTuneOptions,
  { mode, json }: { mode: ProgressMode; json: boolean },
  context: Context,
): Promise<void> {
  const { host, argv, output } = context;
  const result = await withProgress(context, mode, async (progress) => {
    const { dryRun } = await host.loadLibrary();
    return dryRun({
      ...options,
      signal: host.signal,
      onEvent: (event) => {
        if (mode === "json" || !IN_SUMMARY.includes(event.type)) progress.show(event);
      },
    });
  });
  const command = `${host.commandName} ${shellLine(argv.filter((word) => word !== "--dry-run"))}`;
  await output.write(
    json ? `${JSON.stringify(forecastJson(result, command))}\n` : describeForecast(result, command),
  );
}

function forecastJson({ mayEndEarlier, ...result }: DryRunResult, command: string): object {
  return { ...result, may_end_earlier: mayEndEarlier, command };
}

/** Drawn without colours: it is a result. */
const plain = (event: Parameters<typeof describeLasting>[0]) => describeLasting(event, (_, text) => text);

export function describeForecast(result: DryRunResult, command: string): string {
  const { train, validation, recipe, baseline, memory } = result;
  return [
    plain(train),
    ...(validation ? [plain(validation)] : []),
    plain({ type: "recipe", lines: recipe }),
    ...timeLines(result),
    plain({ type: "memory", ...memory }),
    measuredLine(memory),
    diskLine(result),
    baseline === undefined
      ? "Baseline: none without --validation, and how good the model gets is not measured."
      : `Baseline: ${baseline.metric} ${formatMetric(baseline.value)}, always the same answer; a model has to beat it.`,
    "",
    "Nothing was written. To train:",
    `  ${command}`,
    "",
  ].join("\n");
}

function timeLines({ steps, evaluations, mayEndEarlier, seconds }: DryRunResult): string[] {
  const { preparation, training, evaluation, saving, total } = seconds;
  const parts = [
    `${formatPlural(steps, "step")} ${span(training)}`,
    ...(evaluations > 0 ? [`${formatPlural(evaluations, "evaluation")} ${span(evaluation)}`] : []),
    `reading and loading ${formatSeconds(preparation)}`,
    ...(saving.high > 0 ? [`saving ${span(saving)}`] : []),
  ];
  const earlier = mayEndEarlier ? ", or less where a rule ends it earlier" : "";
  return [`Time: ${span(total)}${earlier}, if nothing else keeps the machine busy.`, `  ${parts.join(", ")}`];
}

/** A runtime may keep memory of its own for sizes that it has met. */
function measuredLine({ measured, total }: DryRunResult["memory"]): string {
  const more = measured > total ? ", more than was planned" : "";
  return `  The largest batch was trained on: the process took ${formatMemory(measured)} at most${more}.`;
}

function diskLine({ disk: { model, checkpoints, free } }: DryRunResult): string {
  const meanwhile =
    checkpoints > 0 ? `, up to ${formatMemory(checkpoints)} for checkpoints until it ends` : "";
  const room = free === undefined ? "" : `; ${formatMemory(free)} are free`;
  return `Disk: ${formatMemory(model)} for the model${meanwhile}${room}.`;
}

type Range = DryRunResult["seconds"]["total"];

/** "40 s to 55 s"; one of them where both read the same. */
function span({ low, high }: Range): string {
  const [least, most] = [low, high].map(formatSeconds);
  return least === most ? least : `${least} to ${most}`;
}
