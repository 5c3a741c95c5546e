/** Lines of text classification: a class, several labels or a number a row. */
import type { LabelScore, TextPrediction } from "../inference/options.ts";
import { predictionLine } from "../inference/prediction-line.ts";
import type { TextClassification } from "../tasks/text-classification.ts";
import { classRows, labelSetRows } from "../text/metrics/counted-rows.ts";
import { Pairs } from "../text/metrics/regression.ts";
import type { Dataset } from "../training/dataset.ts";
import type { TextRow } from "../training/options.ts";
import type { LineKind, MetricCollector } from "./line-kind.ts";
import type { TextFields } from "./lines.ts";
import type { Mistake } from "./mistakes.ts";

/** Labels of a line whose scores are written; of more classes the best ones. */
const MOST_SCORES = 20;

type Collector = MetricCollector<"text-classification">;

export function textKind({ options }: TextClassification): LineKind<"text-classification"> {
  const { problemType, labels, positive } = options;
  const single = problemType === "single_label_classification";
  return {
    predict: single ? { topK: Math.min(labels.length, MOST_SCORES) } : {},
    fields: (row, prediction, data, example) => {
      const { text, textPair } = row as TextRow;
      const gold = goldOf(options, data, example);
      const line = predictionLine(prediction as TextPrediction) as TextFields["prediction"];
      const correct = isCorrect(gold, line);
      return { text, textPair, gold, prediction: line, ...(correct !== undefined && { correct }) };
    },
    collector: () => {
      if (problemType === "regression") return numberCollector();
      return single ? classCollector(labels, positive) : labelSetCollector(labels);
    },
    mistakes: mistakesOf,
    cells: ({ text, textPair, gold, prediction }) => ({
      row: { text, ...(textPair !== undefined && { text_pair: textPair }) },
      gold: Array.isArray(gold) ? gold.join(" | ") : String(gold),
      predicted: "labels" in prediction ? namesOf(prediction.labels).join(" | ") : labelOf(prediction),
      score: "label" in prediction ? prediction.score : undefined,
    }),
  };
}

function goldOf(
  { problemType, labels }: TextClassification["options"],
  { features }: Dataset,
  example: number,
): TextFields["gold"] {
  const label = features.label(example);
  if (problemType === "regression") return label[0];
  if (problemType === "single_label_classification") return labels[label[0]];
  return labels.filter((_, i) => label[i] === 1);
}

function isCorrect(gold: TextFields["gold"], prediction: TextFields["prediction"]): boolean | undefined {
  if ("label" in prediction) return prediction.label === gold;
  if (!("labels" in prediction)) return undefined;
  const predicted = new Set(namesOf(prediction.labels));
  return Array.isArray(gold) && gold.length === predicted.size && gold.every((name) => predicted.has(name));
}

/** Of several labels each is a mistake of its own. */
function mistakesOf({ gold, prediction }: TextFields): Mistake[] {
  if ("label" in prediction) return prediction.label === gold ? [] : [[String(gold), prediction.label]];
  if (!("labels" in prediction) || !Array.isArray(gold)) return [];
  const predicted = namesOf(prediction.labels);
  const missed = gold.filter((label) => !predicted.includes(label));
  const added = predicted.filter((label) => !gold.includes(label));
  return [
    ...missed.map((label): Mistake => [label, `not ${label}`]),
    ...added.map((label): Mistake => [`not ${label}`, label]),
  ];
}

function namesOf(labels: readonly LabelScore[]): string[] {
  return labels.map(({ label }) => label);
}

function labelOf(prediction: LabelScore | { score: number }): string {
  return "label" in prediction ? prediction.label : String(prediction.score);
}

function classCollector(labels: readonly string[], positive: number): Collector {
  const numbers = new Map(labels.map((label, i) => [label, i]));
  const { rows, add } = classRows({ labels: labels.length, positive });
  const numberOf = (label: unknown) => {
    const number = typeof label === "string" ? numbers.get(label) : undefined;
    if (number === undefined) throw new RangeError(`no such label: ${JSON.stringify(label)}`);
    return number;
  };
  return {
    add: ({ gold, prediction }) => add(numberOf("label" in prediction && prediction.label), numberOf(gold)),
    finish: () => rows,
  };
}

function labelSetCollector(labels: readonly string[]): Collector {
  const { rows, add } = labelSetRows({ labels: labels.length });
  const bits = (names: readonly string[]) =>
    Uint8Array.from(labels, (label) => (names.includes(label) ? 1 : 0));
  return {
    add: ({ gold, prediction }) =>
      add(
        bits("labels" in prediction ? namesOf(prediction.labels) : []),
        bits(Array.isArray(gold) ? gold : []),
      ),
    finish: () => rows,
  };
}

function numberCollector(): Collector {
  const [predictions, references]: number[][] = [[], []];
  return {
    add: ({ gold, prediction }) => {
      if (typeof gold !== "number" || !("score" in prediction)) throw new RangeError("expected two numbers");
      predictions.push(prediction.score);
      references.push(gold);
    },
    finish: () => new Pairs(Float64Array.from(predictions), Float64Array.from(references)),
  };
}
