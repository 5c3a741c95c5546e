/** A data report as lines of plain text for people. */
import type { Baseline, DataReport, LineSample, SplitReport, ValidationReport } from "./inspect.ts";
import { describeSimilar, type LabelCount } from "./labels.ts";
import { oneLine, show } from "./show.ts";

const LABELS_SHOWN = 30;

/** Lines that need no terminal; what is all right takes no line. */
export function formatReport(report: DataReport): string {
  const { train, validation, baseline } = report;
  const warnings = [
    ...splitWarnings(train),
    ...(validation === undefined ? [] : validationWarnings(validation, train.name)),
  ];
  for (const group of report.similarLabels) warnings.push(`${describeSimilar(group)}.`);
  return [
    ...splitLines(train),
    ...(validation === undefined ? [] : splitLines(validation)),
    ...(baseline === undefined ? [] : [describeBaseline(baseline)]),
    ...warnings,
  ].join("\n");
}

function splitLines({ name, rows, labels, scores, lengths }: SplitReport): string[] {
  const lines = [
    `${name}: ${plural(rows, "row")}${labels === undefined ? "" : `, ${plural(labels.length, "label")}`}`,
  ];
  if (labels !== undefined) lines.push(...labelLines(labels, rows));
  if (scores !== undefined) {
    const { min, max, mean, sd } = scores;
    lines.push(
      `  scores  ${figure(min)} to ${figure(max)}, mean ${figure(mean)}, standard deviation ${figure(sd)}`,
    );
  }
  if (lengths !== undefined) {
    const { median, p95, p99, max } = lengths;
    lines.push(`  tokens  median ${median}, 95 % up to ${p95}, 99 % up to ${p99}, longest ${max}`);
  }
  return lines;
}

function labelLines(labels: readonly LabelCount[], rows: number): string[] {
  const shown = labels.slice(0, LABELS_SHOWN).map(({ label, count }) => ({ label: oneLine(label), count }));
  const nameWidth = Math.max(0, ...shown.map(({ label }) => label.length));
  const countWidth = Math.max(0, ...shown.map(({ count }) => whole(count).length));
  const lines = shown.map(
    ({ label, count }) =>
      `  ${label.padEnd(nameWidth)}  ${whole(count).padStart(countWidth)}  ${percent(count / rows)}`,
  );
  if (labels.length > shown.length) lines.push(`  … ${plural(labels.length - shown.length, "more label")}`);
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
      `${name}: ${plural(exceeding.rows, "row")} longer than ${exceeding.limit} tokens; their ends are cut off.`,
    );
  }
  if (emptyTexts.rows > 0)
    warnings.push(`${name}: ${plural(emptyTexts.rows, "empty text")} (${lineList(emptyTexts)}).`);
  if (duplicates.rows > 0) {
    const other =
      conflicts.rows === 0
        ? ""
        : `, ${whole(conflicts.rows)} of them with another label (${lineList(conflicts)})`;
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

/** `lines 12 = 3, 40 = 8, …`: a row and the one that it repeats. */
function lineList({ rows, examples }: LineSample): string {
  const listed = examples.map(({ line, first }) => (first === undefined ? `${line}` : `${line} = ${first}`));
  return `${rows === 1 ? "line" : "lines"} ${listed.join(", ")}${rows > examples.length ? ", …" : ""}`;
}

function plural(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function whole(count: number): string {
  return count.toLocaleString("en");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Four significant digits. */
function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
