/** What each section of recorded values is computed from, and our values in the form in which they were recorded. */
import { LETTERS, type SpanScheme } from "../tags/tag.ts";
import { normalizeAnswer } from "./answers.ts";
import { classification } from "./classification.ts";
import type { EntitiesMetric, EntitiesOptions } from "./entities.ts";
import { entities } from "./entities.ts";
import { multiLabel } from "./multi-label.ts";
import { regression } from "./regression.ts";
import type { Scores } from "./scores.ts";
import { squad } from "./squad.ts";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Case = { [name: string]: Json };

export interface Section {
  /** Names of a case that are inputs. */
  inputs: string[];
  /** Computes what a case has recorded, in the same form; throws `RangeError` where its inputs are not right. */
  compute(inputs: Case): Json;
}

const PAIRED = ["predictions", "references"];

export const SECTIONS: Record<string, Section> = {
  classification: { inputs: [...PAIRED, "labels"], compute: classificationCase },
  correlation: { inputs: PAIRED, compute: correlationCase },
  multi_label: { inputs: PAIRED, compute: multiLabelCase },
  entities: { inputs: [...PAIRED, "scheme"], compute: entitiesCase },
  squad: {
    inputs: ["prediction", "answer", "predictions", "answers", "no_answer_score"],
    compute: (inputs) => ("answer" in inputs ? answerCase(inputs) : questionsCase(inputs)),
  },
};

function classificationCase(inputs: Case): Json {
  const metric = classification({ labels: Number(inputs.labels) });
  forEachPair(inputs, numbers, metric.update);
  const { accuracy, matthews_correlation, cohen_kappa } = metric.compute();
  const { macro, micro, weighted } = metric.averages();
  const classes = metric.perClass();
  return {
    accuracy,
    matthews: matthews_correlation,
    cohen_kappa,
    confusion: metric.confusion(),
    per_class: {
      precision: classes.map(({ precision }) => precision),
      recall: classes.map(({ recall }) => recall),
      f1: classes.map(({ f1 }) => f1),
      support: classes.map(({ support }) => support),
    },
    macro: fields(macro),
    weighted: fields(weighted),
    micro: fields(micro),
    macro_f1: macro.f1,
    micro_f1: micro.f1,
    weighted_f1: weighted.f1,
  };
}

function correlationCase(inputs: Case): Json {
  const metric = regression();
  forEachPair(inputs, numbers, metric.update);
  const { spearmanr, ...rest } = metric.compute();
  return { ...rest, spearman: spearmanr, spearmanr };
}

function multiLabelCase(inputs: Case): Json {
  const rows = (value: Json | undefined, name: string) => list(value, name).map((row) => numbers(row, name));
  const metric = multiLabel({ labels: rows(inputs.references, "references")[0]?.length ?? 0 });
  forEachPair(inputs, rows, (p, r) => metric.update(Uint8Array.from(p), Uint8Array.from(r)));
  const { accuracy, hamming_loss, ...rest } = metric.compute();
  return { ...rest, accuracy, subset_accuracy: accuracy, hamming: hamming_loss, hamming_loss };
}

function entitiesCase(inputs: Case): Json {
  const scheme = spanScheme(inputs.scheme);
  const report = (options: EntitiesOptions) => {
    const metric = entities(options);
    forEachPair(inputs, tagRows, metric.update);
    return { report: entitiesReport(metric), accuracy: metric.compute().accuracy };
  };
  const byDefault = report({ mode: "default" });
  return {
    default: byDefault.report,
    strict: report({ mode: "strict", scheme }).report,
    token_accuracy: byDefault.accuracy,
  };
}

function spanScheme(value: Json | undefined): SpanScheme {
  const name = text(value, "scheme");
  if (!Object.hasOwn(LETTERS, name))
    throw new RangeError(`scheme: expected a tag scheme, got ${brief(name)}`);
  return name as SpanScheme;
}

/** In the form of seqeval's `classification_report`. */
function entitiesReport(metric: EntitiesMetric): Json {
  const { macro, micro, weighted } = metric.averages();
  const types = metric.perType();
  const support = types.reduce((sum, type) => sum + type.support, 0);
  const row = (scores: Scores, support: number): Json => ({
    precision: scores.precision,
    recall: scores.recall,
    "f1-score": scores.f1,
    support,
  });
  return {
    ...Object.fromEntries(types.map((type) => [type.name, row(type, type.support)])),
    "micro avg": row(micro, support),
    "macro avg": row(macro, support),
    "weighted avg": row(weighted, support),
  };
}

/** One prediction and one gold answer. */
function answerCase({ prediction, answer }: Case): Json {
  const [predicted, gold] = [text(prediction, "prediction"), text(answer, "answer")];
  const metric = squad();
  metric.update({ text: predicted }, [gold]);
  const { exact_match, f1 } = metric.compute();
  return { normalized: [normalizeAnswer(predicted), normalizeAnswer(gold)], exact: exact_match, f1 };
}

/** The no-answer scores' threshold at which the values of questions were recorded. */
const RECORDED_THRESHOLD = 0.5;

/** Predictions, gold answers and, where there are any, no-answer scores by the questions' ids. */
function questionsCase(inputs: Case): Json {
  const answers = object(inputs.answers, "answers");
  const predictions = object(inputs.predictions, "predictions");
  const scores = object(inputs.no_answer_score ?? {}, "no_answer_score");
  const metric = squad({ unanswerable: true, threshold: RECORDED_THRESHOLD });
  for (const [id, golds] of Object.entries(answers)) {
    metric.update(
      { text: text(predictions[id], "predictions"), noAnswerScore: Number(scores[id] ?? 0) },
      list(golds, "answers").map((gold) => text(gold, "answers")),
    );
  }
  return { expected: { ...percentages(metric.compute()), total: metric.questions().length } };
}

/** The values as the SQuAD script gives them: all in per cent but counts and thresholds. */
function percentages({ exact_match, ...rest }: Record<string, number>): Record<string, number> {
  const asRecorded = ([name, value]: [string, number]) => [
    name,
    /_(total|thresh)$/.test(name) ? value : 100 * value,
  ];
  return Object.fromEntries(Object.entries({ exact: exact_match, ...rest }).map(asRecorded));
}

function fields({ precision, recall, f1 }: Scores): Json {
  return { precision, recall, f1 };
}

function forEachPair<T>(
  inputs: Case,
  read: (value: Json | undefined, name: string) => T[],
  add: (prediction: T, reference: T) => void,
): void {
  const predictions = read(inputs.predictions, "predictions");
  const references = read(inputs.references, "references");
  if (predictions.length !== references.length) {
    throw new RangeError(`${predictions.length} predictions, ${references.length} references`);
  }
  predictions.forEach((prediction, i) => {
    add(prediction, references[i]);
  });
}

function list(value: Json | undefined, name: string): Json[] {
  if (!Array.isArray(value)) throw new RangeError(`${name}: expected a list`);
  return value;
}

function numbers(value: Json | undefined, name: string): number[] {
  return list(value, name).map((item) => {
    if (typeof item !== "number") throw new RangeError(`${name}: expected numbers, got ${brief(item)}`);
    return item;
  });
}

function tagRows(value: Json | undefined, name: string): string[][] {
  return list(value, name).map((row) => list(row, name).map((tag) => text(tag, name)));
}

function text(value: Json | undefined, name: string): string {
  if (typeof value !== "string") throw new RangeError(`${name}: expected text, got ${brief(value ?? null)}`);
  return value;
}

function object(value: Json | undefined, name: string): Case {
  if (value === undefined || !isObject(value)) throw new RangeError(`${name}: expected an object`);
  return value;
}

export function isObject(value: Json): value is Case {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function brief(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
