/** What labelled texts hold, in plain lines. */
import type { Baseline, SplitReport, TextReport, ValidationReport } from "./inspect.ts";
import { describeSimilar } from "./labels.ts";
import {
  amongThem,
  figure,
  LABELS_SHOWN,
  labelLines,
  layoutLines,
  lengthLines,
  lineList,
  plural,
  whole,
} from "./report-lines.ts";
import { show } from "./show.ts";

export function textLines(report: TextReport): string[] {
  const { train, validation, baseline } = report;
  const warnings = [
    ...singleLabel(report),
    ...splitWarnings(train),
    ...(validation === undefined ? [] : validationWarnings(validation, train.name)),
  ];
  for (const group of report.similarLabels) warnings.push(`${describeSimilar(group)}.`);
  return [
    ...splitLines(train),
    ...(validation === undefined ? [] : splitLines(validation)),
    ...(baseline === undefined ? [] : [describeBaseline(baseline)]),
    ...warnings,
  ];
}

/** What training refuses. */
function singleLabel({ kind, train: { name, labels } }: TextReport): string[] {
  if (kind !== "class" || labels?.length !== 1) return [];
  return [`${name}: every row has the label ${show(labels[0].label)}; a classifier needs at least two.`];
}

function splitLines(split: SplitReport): string[] {
  const { name, rows, labels, scores, lengths } = split;
  const lines = [
    `${name}: ${plural(rows, "row")}${labels === undefined ? "" : `, ${plural(labels.length, "label")}`}`,
    ...layoutLines(split),
  ];
  if (labels !== undefined) lines.push(...labelLines(labels, rows));
  if (scores !== undefined) {
    const { min, max, mean, sd } = scores;
    lines.push(
      `  scores  ${figure(min)} to ${figure(max)}, mean ${figure(mean)}, standard deviation ${figure(sd)}`,
    );
  }
  lines.push(...lengthLines({ tokens: lengths }));
  return lines;
}

function describeBaseline({ on, prediction, metric, value }: Baseline): string {
  if (typeof prediction === "number") {
    return `Baseline: always ${figure(prediction)}, train's mean, has a mean squared error of ${figure(value)} on ${on}.`;
  }
  const answer = typeof prediction === "string" ? show(prediction) : `[${prediction.map(show).join(", ")}]`;
  return `Baseline: always ${answer} has ${metric} ${value.toFixed(4)} on ${on}.`;
}

function splitWarnings({ name, lengths, emptyTexts, duplicates, conflicts }: SplitReport): string[] {
  const warnings: string[] = [];
  const exceeding = lengths?.exceeding;
  if (exceeding !== undefined && exceeding.rows > 0) {
    warnings.push(
      `${name}: ${plural(exceeding.rows, "row")} longer than ${exceeding.limit} tokens; ${exceeding.rows === 1 ? "its end is" : "their ends are"} cut off.`,
    );
  }
  if (emptyTexts.rows > 0)
    warnings.push(`${name}: ${plural(emptyTexts.rows, "empty text")} (${lineList(emptyTexts)}).`);
  if (duplicates.rows > 0) {
    const other = amongThem(duplicates.rows, conflicts, "another label");
    warnings.push(
      `${name}: ${plural(duplicates.rows, "row")} repeating an earlier text (${lineList(duplicates)})${other}.`,
    );
  }
  return warnings;
}

function validationWarnings(validation: ValidationReport, train: string): string[] {
  const { name, inTrain, unknownLabels } = validation;
  const warnings = splitWarnings(validation);
  if (inTrain.rows > 0)
    warnings.push(`${name}: ${plural(inTrain.rows, "row")} also in ${train} (${lineList(inTrain)}).`);
  for (const { label, count, line } of unknownLabels.slice(0, LABELS_SHOWN)) {
    warnings.push(`${name}:${line}: label ${show(label)} (${whole(count)}) is not in ${train}.`);
  }
  return warnings;
}
