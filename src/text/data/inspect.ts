/** What labelled texts hold, in one pass over each file, before any training. */
import type { Example } from "./example.ts";
import type { LineSample } from "./findings.ts";
import { compareCodePoints, type LabelCount, labelCounts, similarLabels } from "./labels.ts";
import type { LengthReport } from "./lengths.ts";
import { type Answer, type SplitState, survey } from "./survey.ts";
import type { SurveyData } from "./survey-data.ts";
import { TextTable } from "./text-table.ts";

export interface InspectOptions {
  train: SurveyData<Example>;
  validation?: SurveyData<Example>;
  kind: "class" | "number" | "multi";
  /** Tokens of an example with its special tokens, before truncation; without it lengths are left out. */
  lengthOf?: (example: Example) => number;
  /** Tokens above which an example is cut; 0: no limit. Default 0. */
  maxLength?: number;
}

/** Plain data, ready for JSON. */
export interface TextReport {
  task: "text-classification";
  kind: "class" | "number" | "multi";
  train: SplitReport;
  validation?: ValidationReport;
  /** Groups of labels of either file that differ only in case or white space. */
  similarLabels: LabelCount[][];
  /** Absent where a file has no labels. */
  baseline?: Baseline;
}

export interface SplitReport {
  name: string;
  /** How it was read, for people; absent for rows in memory. */
  layout?: string;
  rows: number;
  /** Rows whose text, or second text, is empty or white space, and the first of their lines. */
  emptyTexts: LineSample;
  /** Most frequent first; absent for numbers. */
  labels?: LabelCount[];
  /** Absent for classes. `sd` is the population's. */
  scores?: { min: number; max: number; mean: number; sd: number };
  /** In tokens; absent without a tokenizer. */
  lengths?: LengthReport;
  /** Rows whose text (and second text) stood in an earlier row. */
  duplicates: LineSample;
  /** Those among them whose label is not that of the first such row. */
  conflicts: LineSample;
}

export interface ValidationReport extends SplitReport {
  /** Rows whose text is in train; `first` are lines there. */
  inTrain: LineSample;
  /** Labels that train does not have, with the first line of each. */
  unknownLabels: (LabelCount & { line: number })[];
}

/**
 * What always saying the same scores, on validation where there is one, else on train: the most frequent label (for
 * several labels: the most frequent set of them) by accuracy, for numbers train's mean by mean squared error.
 */
export interface Baseline {
  on: string;
  prediction: string | number | string[];
  metric: "accuracy" | "mse";
  value: number;
}

/** Reads both files once. Throws what the readers throw. */
export async function inspectTexts(options: InspectOptions): Promise<TextReport> {
  const { kind, train, validation } = options;
  const seen = new TextTable();
  const trainState = await survey(train, options, seen);
  const validationState = validation && (await survey(validation, options, new TextTable(), seen));
  const report: TextReport = {
    task: "text-classification",
    kind,
    train: splitReport(trainState, options),
    similarLabels: similarLabels(labelCounts(joinCounts(trainState, validationState))),
  };
  if (validationState !== undefined)
    report.validation = validationReport(validationState, trainState, options);
  const answer = baseline(trainState, validationState ?? trainState, kind);
  if (answer !== undefined) report.baseline = answer;
  return report;
}

function splitReport(state: SplitState, options: InspectOptions): SplitReport {
  const { name, layout, rows, moments } = state;
  const report: SplitReport = {
    name,
    ...(layout === undefined ? {} : { layout }),
    rows,
    emptyTexts: state.empty.report,
    duplicates: state.duplicates.report,
    conflicts: state.conflicts.report,
  };
  if (options.kind !== "number") report.labels = labelCounts(state.labels);
  else if (moments.count > 0) {
    report.scores = {
      min: moments.min,
      max: moments.max,
      mean: moments.mean,
      sd: Math.sqrt(moments.variance),
    };
  }
  const lengths = state.lengths.report(options.maxLength);
  if (lengths !== undefined) report.lengths = lengths;
  return report;
}

function validationReport(state: SplitState, train: SplitState, options: InspectOptions): ValidationReport {
  const unknownLabels = [...state.labels]
    .filter(([label]) => !train.labels.has(label))
    .map(([label, { count, line }]) => ({ label, count, line }));
  return { ...splitReport(state, options), inTrain: state.inTrain.report, unknownLabels };
}

function joinCounts(train: SplitState, validation: SplitState | undefined): Map<string, { count: number }> {
  const joined = new Map<string, { count: number }>();
  for (const labels of [train.labels, validation?.labels ?? []]) {
    for (const [label, { count }] of labels)
      joined.set(label, { count: (joined.get(label)?.count ?? 0) + count });
  }
  return joined;
}

function baseline(train: SplitState, on: SplitState, kind: InspectOptions["kind"]): Baseline | undefined {
  if (train.labelled === 0 || on.labelled === 0) return undefined;
  if (kind === "number") {
    const prediction = train.moments.mean;
    return {
      on: on.name,
      prediction,
      metric: "mse",
      value: on.moments.variance + (on.moments.mean - prediction) ** 2,
    };
  }
  const [key, { label }] = [...train.answers].reduce((a, b) => (isMoreFrequent(b, a) ? b : a));
  return {
    on: on.name,
    prediction: label,
    metric: "accuracy",
    value: (on.answers.get(key)?.count ?? 0) / on.labelled,
  };
}

/** Of equally frequent answers the first in Python's order, as scikit-learn's dummy classifier has it. */
function isMoreFrequent([a, { count }]: [string, Answer], [b, other]: [string, Answer]): boolean {
  return count > other.count || (count === other.count && compareCodePoints(a, b) < 0);
}
