/** What a report shows, as plain data: read from the files of a run (`read-run.ts`), rendered by pure functions. */
import type { DataReport } from "../text/data/report.ts";
import type { ProblemType, TaskTag } from "../training/options.ts";

export interface ReportData {
  task: TaskTag;
  problemType?: ProblemType;
  /** The model that was fine-tuned, as it was named. */
  model: string;
  /** The run's folder, as it was named. */
  folder: string;
  state: RunState;
  /** Absent without validation rows, and before the first evaluation. */
  verdict?: Verdict;
  steps: readonly StepPoint[];
  evaluations: readonly EvaluationPoint[];
  /** What the kept weights say of the validation rows; absent until they have been predicted. */
  outcome?: Outcome;
  /** What `inspect` says of the files. */
  data?: DataReport;
  /** Those that differ from their defaults come first. */
  options: readonly OptionLine[];
  /** What repeats the run, as it is typed; absent where a program with rows in memory ran it. */
  command?: string;
  /** Versions, runtime, memory and time, in the order in which they are shown. */
  facts: readonly Fact[];
}

/** When the report was written: not at its end, stopped before it, or at it. */
export interface RunState {
  name: "running" | "stopped" | "finished";
  /** Of the last line of metrics.jsonl. */
  step: number;
  epoch: number;
}

/** The metric that chose the weights, against the same metric of the answer that ignores the text. */
export interface Verdict {
  metric: string;
  value: number;
  baseline: number;
  greaterIsBetter: boolean;
  /** Step and epoch of the weights that are kept. */
  step: number;
  epoch: number;
  /** Of `value`, by resampling the validation rows. */
  interval?: Interval;
  /** Of `value` less `baseline`, by the same resamples. */
  difference?: Interval;
  /** Validation rows, and where they are from. */
  rows?: number;
  on?: string;
}

export interface Interval {
  low: number;
  high: number;
  /** Share of the resamples inside, such as 0.95. */
  level: number;
}

export interface StepPoint {
  step: number;
  epoch: number;
  loss: number;
  gradientNorm: number;
  learningRate: number;
}

export interface EvaluationPoint {
  step: number;
  epoch: number;
  metrics: Readonly<Record<string, number>>;
  best: boolean;
}

export interface OptionLine {
  name: string;
  value: string;
  /** Where the value is from: `default`, `recipe`, `file`, `flag` or `given`. */
  origin: string;
}

export interface Fact {
  name: string;
  value: string;
}

/** The validation rows and what was predicted for them, counted and sampled. */
export interface Outcome {
  rows: number;
  tables: readonly ScoreTable[];
  /** Counts of what was predicted by what is right. */
  matrices: readonly Matrix[];
  /** Whether a prediction's probability says how often it is right; absent for numbers. */
  calibration?: Calibration;
  /** Numbers alone. */
  scatter?: Scatter;
  /** Rows that are embedded, the worst first. */
  samples: readonly Sample[];
  groups: readonly Group[];
}

/** Scores by label, type of entities, tag, or kind of answer. */
export interface ScoreTable {
  caption: string;
  /** Heading of the first column. */
  name: string;
  columns: readonly ScoreColumn[];
  lines: readonly ScoreLine[];
}

export interface ScoreColumn {
  name: string;
  /** Whether its values are counts; otherwise they are shares, between 0 and 1. */
  counts?: boolean;
}

export interface ScoreLine {
  name: string;
  /** As `columns` have them; undefined has no value. */
  values: readonly (number | undefined)[];
  /** Key of the rows behind it. */
  group?: string;
}

export interface Matrix {
  caption: string;
  /** What is right is a line, what was predicted a column. */
  lines: readonly string[];
  columns: readonly string[];
  cells: readonly (readonly MatrixCell[])[];
}

export interface MatrixCell {
  count: number;
  right: boolean;
  group: string;
}

export interface Calibration {
  /** What a prediction is: a row, a word, an answer. */
  unit: string;
  /** Of equal width, from 0 to 1; those without predictions are left out. */
  bins: readonly CalibrationBin[];
  /** Expected calibration error (Naeini et al. 2015): the bins' distances, weighted by their counts. */
  error: number;
}

export interface CalibrationBin {
  from: number;
  to: number;
  count: number;
  confidence: number;
  accuracy: number;
}

export interface Scatter {
  /** Right value, predicted value; thinned to some thousand. */
  points: readonly (readonly [gold: number, predicted: number])[];
}

/** A set of rows that a cell or a line stands for. */
export interface Group {
  key: string;
  label: string;
  count: number;
  right: boolean;
}

/** A validation row with what was predicted for it. */
export interface Sample {
  /** File and line, such as `dev.tsv:12`. */
  where: string;
  /** The text in parts; marked ones are where prediction and truth differ or agree. */
  text: readonly TextPart[];
  gold: string;
  predicted: string;
  right: boolean;
  /** Probability of the prediction. */
  confidence?: number;
  /** Null where the row has nothing to learn from. */
  loss: number | null;
  /** Positions in `Outcome.groups`. */
  groups: readonly number[];
}

export type TextPart = string | { text: string; kind: "right" | "wrong" | "missed" | "extra"; note: string };
