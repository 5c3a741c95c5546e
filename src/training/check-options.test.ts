/** Options that cannot be right, each refused by its name before anything is opened. */
import { describe, expect, it } from "vitest";
import { UsageError } from "../util/errors.ts";
import { checkOptions, checkRuntime } from "./check-options.ts";
import type { FineTuneOptions } from "./options.ts";

const TEXTS = "text-classification";
const QUESTIONS = ["answerSoftmax", "docStride", "docStep"];

/** Callers without types can give anything. */
function check(given: Record<string, unknown>): void {
  const task = Object.keys(given).some((name) => QUESTIONS.includes(name)) ? "question-answering" : TEXTS;
  checkOptions({ task, train: "train.tsv", ...given } as unknown as FineTuneOptions);
}

const BAD: [name: string, value: unknown, expected: string][] = [
  ["numTrainEpochs", 0, "a number above 0"],
  ["numTrainEpochs", -1, "a number above 0"],
  ["numTrainEpochs", Number.POSITIVE_INFINITY, "a number above 0"],
  ["numTrainEpochs", "3", "a number above 0"],
  ["maxSteps", 0, "a whole number above 0"],
  ["maxSteps", 1.5, "a whole number above 0"],
  ["perDeviceTrainBatchSize", 0, "a whole number above 0"],
  ["perDeviceTrainBatchSize", 2.5, "a whole number above 0"],
  ["gradientAccumulationSteps", 0, "a whole number above 0"],
  ["maxSeqLength", 2, "a whole number of at least 3"],
  ["maxSeqLength", 64.5, "a whole number of at least 3"],
  ["learningRate", 0, "above 0 and at most 1"],
  ["learningRate", Number.NaN, "above 0 and at most 1"],
  ["learningRate", 2, "above 0 and at most 1"],
  ["headLearningRate", -1e-3, "above 0 and at most 1"],
  ["layerDecay", 0, "above 0 and at most 1"],
  ["layerDecay", 1.1, "above 0 and at most 1"],
  ["warmupSteps", -1, "0 or more"],
  ["weightDecay", -0.1, "0 or more"],
  ["weightDecay", Number.POSITIVE_INFINITY, "0 or more"],
  ["maxGradNorm", -1, "0 or more"],
  ["adamBeta1", 1, "from 0 to below 1"],
  ["adamBeta2", -0.1, "from 0 to below 1"],
  ["adamEpsilon", 0, "a number above 0"],
  ["onNonFinite", "ignore", "stop or skip"],
  ["freeze", "embeddings", "a list of names"],
  ["freeze", [], "a list of names"],
  ["dropout", 1, "from 0 to below 1"],
  ["dropout", null, "from 0 to below 1"],
  ["headLayers", 17, "a whole number from 0 to 16"],
  ["headLayers", 0.5, "a whole number from 0 to 16"],
  ["threshold", 0, "between 0 and 1"],
  ["threshold", 1, "between 0 and 1"],
  ["seed", -1, "a whole number from 0 to 4294967295"],
  ["seed", 2 ** 32, "a whole number from 0 to 4294967295"],
  ["splitSeed", 1.5, "a whole number from 0 to 4294967295"],
  ["validationSplit", 0, "between 0 and 1"],
  ["validationSplit", 1, "between 0 and 1"],
  ["fraction", 0, "above 0 and at most 1"],
  ["fraction", 1.1, "above 0 and at most 1"],
  ["threads", 0, "a whole number above 0"],
  ["task", "translation", "one of text-classification, token-classification, question-answering"],
  ["task", undefined, "one of text-classification, token-classification, question-answering"],
  ["problemType", "binary", "one of single_label_classification, multi_label_classification, regression"],
  [
    "lrSchedulerType",
    "exponential",
    "one of linear, cosine, cosine_with_restarts, polynomial, constant, constant_with_warmup, inverse_sqrt, warmup_stable_decay",
  ],
  ["evalSteps", 0, "a whole number above 0"],
  ["earlyStoppingPatience", 1.5, "a whole number above 0"],
  ["earlyStoppingThreshold", -1, "0 or more"],
  ["timeLimit", 0, "seconds, a number above 0"],
  ["saveSteps", 0, "a whole number above 0"],
  ["saveTotalLimit", 0, "a whole number above 0"],
  ["saveStrategy", "epoch", "steps or no"],
  ["trainSamplingStrategy", "sequential", "random or group_by_length"],
  ["answerSoftmax", "both", "passage or all"],
  ["docStride", -1, "a whole number, 0 or more"],
  ["docStep", 0, "a whole number above 0"],
  ["runtime", "gpu", "one of auto, onnxruntime, onnxruntime-binding, openvino"],
  ["precision", "fp16", "one of float32, bf16, auto"],
];

describe("checkOptions", () => {
  it.each(["evalSteps", "earlyStoppingPatience", "metricForBestModel", "greaterIsBetter"])(
    "refuses %s where nothing is measured",
    (name) => {
      const value = name === "metricForBestModel" ? "f1" : name === "greaterIsBetter" ? true : 1;
      expect(() => check({ [name]: value })).toThrow(
        new UsageError(`${name} has no meaning without validation: nothing is measured.`),
      );
      expect(() => check({ [name]: value, validation: "dev.tsv" })).not.toThrow();
    },
  );

  it("takes what needs an evaluation with held-out rows as well", () => {
    expect(() => check({ validationSplit: 0.1, evalSteps: 10 })).not.toThrow();
  });

  it.each([
    [{ validationSplit: 0.1, validation: "dev.tsv" }, "validation names others"],
    [{ validationSplit: 0.1, validationTags: "dev.tags", task: "token-classification" }, "validationTags"],
    [{ splitSeed: 1 }, "splitSeed has no meaning without validationSplit or fraction"],
  ])("refuses %j", (given, expected) => {
    expect(() => check(given)).toThrow(expected);
    expect(() => check(given)).toThrow(UsageError);
  });

  it("refuses a threshold of patience without patience", () => {
    expect(() => check({ earlyStoppingThreshold: 0.1, validation: "dev.tsv" })).toThrow(
      "earlyStoppingThreshold has no meaning without earlyStoppingPatience; give both.",
    );
  });

  it.each([
    [{ resume: true }, "resume has no meaning without output, the folder of the run."],
    [{ allowDrift: true, output: "m" }, "allowDrift has no meaning without resume."],
    [
      { saveSteps: 5, saveStrategy: "no" },
      "saveSteps has no meaning with saveStrategy no; leave one of them out.",
    ],
  ])("refuses %j", (given, message) => {
    expect(() => check(given)).toThrow(new UsageError(message));
    expect(() => check({ output: "m", resume: "m/checkpoints/step-1", allowDrift: true })).not.toThrow();
  });

  it("refuses two options that say the same", () => {
    expect(() => check({ docStride: 8, docStep: 8 })).toThrow(
      "docStride and docStep both say where windows start",
    );
  });

  it.each(BAD)("refuses %s %j", (name, value, expected) => {
    const message = `${name} is ${JSON.stringify(value)}, expected ${expected}.`;
    expect(() => check({ [name]: value })).toThrow(new UsageError(message));
  });

  it.each([
    ["labelAllPieces", true, TEXTS, "token-classification"],
    ["headLayers", 1, "question-answering", TEXTS],
    ["docStride", 8, TEXTS, "token-classification and question-answering"],
  ])("refuses %s for another task", (name, value, task, tasks) => {
    expect(() => check({ [name]: value, task })).toThrow(
      new UsageError(`${name} has no meaning for task ${task}; it is for ${tasks}.`),
    );
  });

  it("asks for training data", () => {
    expect(() => check({ train: undefined })).toThrow(
      new UsageError("train is missing: give a file or rows."),
    );
  });

  it.each([
    ["delimiter", "tabs", /--delimiter "tabs"/],
    ["quote", "''", /--quote "''"/],
    ["encoding", "utf-9", /utf-9/],
    ["labelSeparator", "", /--label-separator is empty/],
  ])("refuses %s %j", (name, value, message) => {
    expect(() => check({ [name]: value })).toThrow(UsageError);
    expect(() => check({ [name]: value })).toThrow(message);
  });

  it.each([
    {},
    { numTrainEpochs: 0.5, maxSteps: 1, perDeviceTrainBatchSize: 1, gradientAccumulationSteps: 1 },
    { maxSeqLength: 3, learningRate: 1, headLearningRate: 1e-9, layerDecay: 1, warmupSteps: 0 },
    { weightDecay: 0, maxGradNorm: 0, adamBeta1: 0, adamBeta2: 0.9999, adamEpsilon: 1e-30, dropout: 0 },
    { headLayers: 16, threshold: 0.01, seed: 2 ** 32 - 1, threads: 64, problemType: "regression" },
    { seed: 0, headLayers: 0, delimiter: "tab", quote: "none", encoding: "latin1", labelSeparator: ";" },
    { train: [], runtime: "onnxruntime-binding" },
  ])("accepts %j", (given) => {
    expect(() => check(given)).not.toThrow();
  });
});

describe("bf16", () => {
  const lacks = () => false;

  it.each(["onnxruntime", "onnxruntime-binding"])("is refused with %s, whatever the processor", (runtime) => {
    for (const hasBf16 of [() => true, lacks]) {
      expect(() => checkRuntime({ runtime, precision: "bf16" }, hasBf16)).toThrow(
        "precision bf16: ONNX Runtime multiplies in float32 only; give runtime openvino.",
      );
    }
    expect(() => check({ runtime, precision: "bf16" })).toThrow(UsageError);
  });

  it.each([undefined, "auto", "openvino"])("with runtime %s depends on the processor", (runtime) => {
    expect(() => checkRuntime({ runtime, precision: "bf16" }, lacks)).toThrow(
      "precision bf16: this processor has no bf16 instructions; leave it out, or give auto.",
    );
    checkRuntime({ runtime, precision: "bf16" }, () => true);
    checkRuntime({ runtime, precision: "bf16" }, () => undefined);
  });

  it("is no matter where it is not asked for", () => {
    for (const precision of [undefined, "float32", "auto"]) {
      checkRuntime({ precision }, lacks);
      checkRuntime({ runtime: "onnxruntime", precision }, lacks);
    }
  });
});
