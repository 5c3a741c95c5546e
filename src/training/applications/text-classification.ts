/** Text classification: what training and inference need to know of it. */
import {
  labelsOfConfig,
  type ProblemType,
  type TextClassification,
  textClassification,
} from "../../tasks/text-classification.ts";
import { InputError, nearMiss, UsageError } from "../../util/errors.ts";
import { type ClassificationData, labelKeys, readClassificationData } from "../classification-data.ts";
import { refuseTargetOptions, targetOptions } from "../target-options.ts";
import type { Application } from "./application.ts";

/** A score says more than a yes or no: regression learns at the rate of eight classes. */
const REGRESSION_CLASSES = 8;

const PROBLEM_TYPES: readonly ProblemType[] = [
  "single_label_classification",
  "multi_label_classification",
  "regression",
];

const DEFAULTS = { headLayers: 0, threshold: 0.5 };

export const textClassificationApplication: Application<TextClassification, ClassificationData> = {
  tag: "text-classification",
  standards: { maxSeqLength: 128, batchSize: 32, microBatches: 1, epochs: 3, sampling: "random" },
  defaults: DEFAULTS,
  rowKeys: labelKeys,
  read: (input, options, known) => readClassificationData(input, { ...options, known: known?.options }),
  task: (options, { problemType, labels, features }) => {
    const single = problemType === "single_label_classification";
    if (!single) refuseTargetOptions(options, problemType);
    const given = {
      problemType,
      labels,
      headLayers: options.headLayers ?? DEFAULTS.headLayers,
      threshold: options.threshold ?? DEFAULTS.threshold,
      positive: positiveClass(options.positiveLabel, labels),
    };
    return textClassification(given, single ? targetOptions(options, labels, features) : {});
  },
  difficulty: ({ options: { problemType, labels } }) =>
    problemType === "regression"
      ? { classes: REGRESSION_CLASSES, what: "a score" }
      : { classes: labels.length, what: `${labels.length} classes` },
  fromConfig: (folder, json, { positiveLabel, threshold }) => {
    const names = namesOf(folder, json);
    const own = (json.bertwright ?? {}) as { head_layers?: number; positive?: number; threshold?: number };
    return textClassification({
      problemType: names.problemType,
      labels: names.problemType === "regression" ? [] : names.labels,
      headLayers: own.head_layers ?? 0,
      positive: positiveLabel === undefined ? own.positive : positiveClass(positiveLabel, names.labels),
      threshold: threshold ?? own.threshold ?? 0.5,
    });
  },
};

/** Number of the positive class: the second where nothing is said. */
export function positiveClass(label: string | undefined, labels: readonly string[]): number {
  if (label === undefined) return 1;
  const found = labels.indexOf(label);
  if (found >= 0) return found;
  const near = nearMiss(label, labels);
  throw new UsageError(
    `--positive-label ${label}: no such label (${labels.slice(0, 10).join(", ")}).${near ? ` Did you mean ${near}?` : ""}`,
  );
}

function namesOf(folder: string, json: Readonly<Record<string, unknown>>) {
  const labels = labelsOfConfig(json);
  if (labels.length === 0) {
    throw new InputError(
      `${folder}: config.json has no labels (id2label).\nThis model was not fine-tuned for text classification; train one first.`,
    );
  }
  const standard = labels.length === 1 ? "regression" : "single_label_classification";
  const problemType = PROBLEM_TYPES.find((type) => type === (json.problem_type ?? standard));
  if (problemType) return { labels, problemType };
  throw new InputError(
    `${folder}: config.json has problem_type ${JSON.stringify(json.problem_type)}.\nExpected one of ${PROBLEM_TYPES.join(", ")}.`,
  );
}
