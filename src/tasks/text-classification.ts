/**
 * Text classification, single texts and pairs: the pooled `[CLS]` vector, dropout, one dense layer, as transformers'
 * `BertForSequenceClassification`. Single label (cross-entropy), several labels (binary cross-entropy), regression
 * (mean squared error). Letters: B rows, H hidden size, C classes.
 */
import { tanh } from "../engine/ops/elementwise.ts";
import { pooler } from "../model/bert.ts";
import { linear } from "../model/layers.ts";
import { binaryCrossEntropy, crossEntropy, squaredError } from "../model/losses.ts";
import { classification } from "../text/metrics/classification.ts";
import { multiLabel } from "../text/metrics/multi-label.ts";
import { regression } from "../text/metrics/regression.ts";
import type { Features } from "./features.ts";
import { binaryCrossEntropyAt, crossEntropyAt, type RowLoss, squaredErrorAt } from "./row-loss.ts";
import { softTargets, type TargetOptions } from "./soft-targets.ts";
import type { Evaluation, Task } from "./task.ts";

export type ProblemType = "single_label_classification" | "multi_label_classification" | "regression";

export interface TextClassificationOptions {
  problemType: ProblemType;
  /** Class names in the order of the logits; empty for regression. */
  labels: readonly string[];
  /** Dense layers with tanh before the classifier; default 0, the head that transformers has. */
  headLayers?: number;
  /** With two classes, the number of the one that precision, recall and f1 are of; default 1. */
  positive?: number;
  /** Several labels: probability from which one is predicted; default 0.5. */
  threshold?: number;
}

export interface TextClassification extends Task {
  readonly options: Required<TextClassificationOptions>;
  /** Probabilities of the classes (single or several labels), or the value itself. */
  scores(logits: Float32Array): Float32Array;
}

/** `targets`: of training with a single label; other kinds of labels are targets as they are. */
export function textClassification(
  given: TextClassificationOptions,
  targets: TargetOptions = {},
): TextClassification {
  const { problemType, labels, headLayers = 0, positive = 1, threshold = 0.5 } = given;
  const options = { problemType, labels, headLayers, positive, threshold };
  const outputs = problemType === "regression" ? 1 : labels.length;
  const single = problemType === "single_label_classification";
  const soft = softTargets(targets);
  return {
    tag: "text-classification",
    // transformers has no such head: under its own name it would load the encoder and start a fresh classifier.
    architecture: headLayers === 0 ? "BertForSequenceClassification" : "BertwrightForSequenceClassification",
    reads: "cls",
    logitsDims: ["B", outputs],
    targets: { targets: ["B", outputs] },
    labelWidth: problemType === "multi_label_classification" ? outputs : 1,
    options,
    bestMetric: BEST_METRIC[problemType],
    head: (p, { hidden }, config, dropout) => {
      let x = pooler(p.at("bert.pooler"), hidden, config); // [B, H]
      const probability = config.classifier_dropout ?? config.hidden_dropout_prob;
      for (let i = 0; i < headLayers; i++) {
        const dense = p.at(`head.layer.${i}`);
        x = tanh(linear(dense, dropout.apply(`head.${i}`, x, probability), config.hidden_size));
      }
      return linear(p.at("classifier"), dropout.apply("pooled", x, probability), outputs); // [B, C]
    },
    loss: (logits, { targets }) => LOSS[problemType](logits, targets),
    lossCount: (features, rows) => {
      if (!single) return rows.length * outputs;
      let count = 0;
      for (let b = 0; b < rows.length; b++) count += soft.weight(features.label(rows[b])[0]);
      return count;
    },
    rowLoss: (features, row, logits) => rowLoss(problemType, features.label(row), logits),
    writeTargets: (features, rows, { targets }) => {
      for (let b = 0; b < rows.length; b++) {
        const target = targets.subarray(b * outputs, (b + 1) * outputs);
        const label = features.label(rows[b]);
        if (single) soft.write(label[0], target);
        else target.set(label);
      }
    },
    trivialAnswer: ({ features }) => {
      const answer = trivialLogits(problemType, features, outputs);
      return () => answer;
    },
    scores: (logits) => scores(logits, problemType),
    evaluation: ({ features }) => evaluation(options, features),
    configFields: () => configFields(options),
  };
}

const LOSS = {
  single_label_classification: crossEntropy,
  multi_label_classification: binaryCrossEntropy,
  regression: squaredError,
} as const satisfies Record<ProblemType, unknown>;

function rowLoss(problemType: ProblemType, label: Float32Array, logits: Float32Array): RowLoss {
  if (problemType === "single_label_classification") {
    return { sum: crossEntropyAt(logits, label[0]), count: 1 };
  }
  const lossOf = problemType === "regression" ? squaredErrorAt : binaryCrossEntropyAt;
  const sum = logits.reduce((total, logit, i) => total + lossOf(logit, label[i]), 0);
  return { sum, count: logits.length };
}

const BEST_METRIC: Readonly<Record<ProblemType, string>> = {
  single_label_classification: "accuracy",
  multi_label_classification: "f1",
  regression: "pearson",
};

/** `target [C]`: one-hot, or the label's numbers as they are. */
function writeTarget(problemType: ProblemType, label: Float32Array, target: Float32Array): void {
  if (problemType === "single_label_classification") target.fill(0)[label[0]] = 1;
  else target.set(label);
}

/** Mean targets over the rows, as logits: the largest share wins, and a share of a half is a logit of 0. */
function trivialLogits(problemType: ProblemType, features: Features, outputs: number): Float32Array {
  const sums = new Float64Array(outputs);
  const target = new Float32Array(outputs);
  for (let row = 0; row < features.rows; row++) {
    writeTarget(problemType, features.label(row), target);
    for (let i = 0; i < outputs; i++) sums[i] += target[i];
  }
  const logit = (mean: number) =>
    problemType === "multi_label_classification" ? Math.log(mean / (1 - mean)) : mean;
  return Float32Array.from(sums, (sum) => logit(sum / features.rows));
}

function scores(logits: Float32Array, problemType: ProblemType): Float32Array {
  if (problemType === "regression") return logits;
  if (problemType === "multi_label_classification") return logits.map((x) => 1 / (1 + Math.exp(-x)));
  const top = logits.reduce((a, b) => Math.max(a, b));
  const exponentials = logits.map((x) => Math.exp(x - top));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((x) => x / sum);
}

function evaluation(
  { problemType, labels, positive, threshold }: Required<TextClassificationOptions>,
  features: Features,
): Evaluation {
  if (problemType === "regression") {
    const metric = regression();
    return {
      update: (row, [value]) => metric.update(value, features.label(row)[0]),
      compute: () => metric.compute(),
    };
  }
  if (problemType === "multi_label_classification") {
    const metric = multiLabel({ labels: labels.length });
    const bits = (values: Float32Array, limit: number) =>
      Uint8Array.from(values, (x) => (x >= limit ? 1 : 0));
    return {
      update: (row, logits) =>
        metric.update(bits(scores(logits, problemType), threshold), bits(features.label(row), 1)),
      compute: () => metric.compute(),
    };
  }
  const metric = classification({ labels: labels.length, positive });
  return {
    update: (row, logits) => metric.update(argmax(logits), features.label(row)[0]),
    compute: () => metric.compute(),
    details: () => ({
      perLabel: metric.perClass().map((scores, i) => ({ name: labels[i], ...scores })),
      confusion: { labels, counts: metric.confusion() },
    }),
  };
}

/** Index of the largest value, the first of equal ones. */
export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

function configFields({
  problemType,
  labels,
  headLayers,
  positive,
  threshold,
}: Required<TextClassificationOptions>) {
  const names = problemType === "regression" ? ["LABEL_0"] : labels;
  return {
    problem_type: problemType,
    id2label: Object.fromEntries(names.map((name, i) => [String(i), name])),
    label2id: Object.fromEntries(names.map((name, i) => [name, i])),
    num_labels: names.length,
    bertwright: { task: "text-classification", head_layers: headLayers, positive, threshold },
  };
}

/** Class names of a model's config.json, by number; none where it has no classifier. */
export function labelsOfConfig(json: Readonly<Record<string, unknown>>): string[] {
  const { id2label, architectures } = json;
  if (typeof id2label === "object" && id2label !== null) {
    const entries = Object.entries(id2label as Record<string, unknown>);
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, name]) => String(name));
  }
  // transformers leaves the two names that are its standard out of the file.
  const classifies = Array.isArray(architectures) && architectures.includes("BertForSequenceClassification");
  return classifies ? ["LABEL_0", "LABEL_1"] : [];
}
