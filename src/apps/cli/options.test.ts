/** Every option of the command reaches the library under the library's name. */
import { describe, expect, it } from "vitest";
import { run } from "../../../test/cli/fake-host.ts";

const TRAIN = ["train", "--train", "t.tsv", "--output", "m"];
const EVALUATE = ["evaluate", "--model", "m", "--data", "d.tsv"];

/** The first option object that a library function got, without what is no option. */
async function optionsOf(name: "fineTune" | "evaluate" | "inspectData", argv: string[]) {
  const { calls, status, stderr } = await run(argv);
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  const { signal: _signal, ...options } = calls[name][0];
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== "function"));
}

const COLUMN_OPTIONS: [argv: string[], options: object][] = [
  [["--text-column", "sentence"], { textColumn: "sentence" }],
  [["--text-column", "4"], { textColumn: "4" }],
  [["--text-pair-column", "b"], { textPairColumn: "b" }],
  [["--label-column", "x,y"], { labelColumn: "x,y" }],
  [["--no-header"], { header: false }],
  [["--header"], { header: true }],
  [["--delimiter", "tab"], { delimiter: "tab" }],
  [["--delimiter", ";"], { delimiter: ";" }],
  [["--quote", "none"], { quote: "none" }],
  [["--encoding", "iso-8859-1"], { encoding: "iso-8859-1" }],
  [["--label-separator", "|"], { labelSeparator: "|" }],
  [["--allow-similar-labels"], { allowSimilarLabels: true }],
  [["--tag-column", "xpos"], { tagColumn: "xpos" }],
  [["--allow-tag-errors"], { allowTagErrors: true }],
  [["--question-column", "q"], { questionColumn: "q" }],
  [["--context-column", "c"], { contextColumn: "c" }],
  [["--answers-column", "a"], { answersColumn: "a" }],
  [["--fix-answer-offsets"], { fixAnswerOffsets: true }],
];

describe("train hands every option to fineTune", () => {
  const base = { task: "text-classification", train: "t.tsv", output: "m" };

  it("has no defaults of its own", async () => expect(await optionsOf("fineTune", TRAIN)).toEqual(base));

  it.each<[string[], object]>([
    ...COLUMN_OPTIONS,
    [["--task", "text-classification"], {}],
    [["--task", "token-classification"], { task: "token-classification" }],
    [["--task", "question-answering"], { task: "question-answering" }],
    [["--train-tags", "t.tags"], { trainTags: "t.tags" }],
    [["--validation-tags", "v.tags"], { validationTags: "v.tags" }],
    [["--label-all-pieces"], { labelAllPieces: true }],
    [["--doc-stride", "0"], { docStride: 0 }],
    [["--doc-step", "128"], { docStep: 128 }],
    [["--max-question-length", "32"], { maxQuestionLength: 32 }],
    [["--answer-softmax", "passage"], { answerSoftmax: "passage" }],
    [["--max-answer-length", "10"], { maxAnswerLength: 10 }],
    [["--head-learning-rate", "1e-3"], { headLearningRate: 1e-3 }],
    [["--layer-decay", "0.8"], { layerDecay: 0.8 }],
    [["--train-sampling-strategy", "random"], { trainSamplingStrategy: "random" }],
    [["--model", "org/name"], { model: "org/name" }],
    [["--validation", "v.tsv"], { validation: "v.tsv" }],
    [["--overwrite"], { overwrite: true }],
    [["--problem-type", "regression"], { problemType: "regression" }],
    [["--positive-label", "yes"], { positiveLabel: "yes" }],
    [["--threshold", "0.3"], { threshold: 0.3 }],
    [["--head-layers", "2"], { headLayers: 2 }],
    [["--epochs", "2.5"], { numTrainEpochs: 2.5 }],
    [["--num-train-epochs", "4"], { numTrainEpochs: 4 }],
    [["--max-steps", "10"], { maxSteps: 10 }],
    [["--batch-size", "16"], { perDeviceTrainBatchSize: 16 }],
    [["--per-device-train-batch-size=8"], { perDeviceTrainBatchSize: 8 }],
    [["--gradient-accumulation-steps", "4"], { gradientAccumulationSteps: 4 }],
    [["--gradient-checkpointing"], { gradientCheckpointing: true }],
    [["--max-seq-length", "64"], { maxSeqLength: 64 }],
    [["--learning-rate", "5e-5"], { learningRate: 5e-5 }],
    [["--warmup-steps", "0.1"], { warmupSteps: 0.1 }],
    [["--warmup-steps", "100"], { warmupSteps: 100 }],
    [["--weight-decay", "0"], { weightDecay: 0 }],
    [["--max-grad-norm", "0"], { maxGradNorm: 0 }],
    [["--dropout", "0"], { dropout: 0 }],
    [["--metric-for-best-model", "f1"], { metricForBestModel: "f1" }],
    [["--seed", "0"], { seed: 0 }],
    [["--threads", "2"], { threads: 2 }],
    [["--runtime", "onnxruntime-binding"], { runtime: "onnxruntime-binding" }],
    [["--runtime", "openvino"], { runtime: "openvino" }],
    [["--precision", "bf16"], { precision: "bf16" }],
    [["--progress", "none"], {}],
    [["--json"], {}],
  ])("%j", async (argv, options) => {
    expect(await optionsOf("fineTune", [...TRAIN, ...argv])).toEqual({ ...base, ...options });
  });

  it("passes the signal on", async () => {
    const { calls, host } = await run(TRAIN);
    expect(calls.fineTune[0].signal).toBe(host.signal);
  });
});

it.each<[string[], object]>([
  ...COLUMN_OPTIONS,
  [["--batch-size", "8"], { batchSize: 8 }],
  [["--max-seq-length", "64"], { maxSeqLength: 64 }],
  [["--positive-label", "yes"], { positiveLabel: "yes" }],
  [["--threshold", "0.9"], { threshold: 0.9 }],
  [["--data-tags", "d.tags"], { dataTags: "d.tags" }],
  [["--doc-stride", "64"], { docStride: 64 }],
  [["--doc-step", "64"], { docStep: 64 }],
  [["--max-answer-length", "5"], { maxAnswerLength: 5 }],
  [["--null-score-diff-threshold", "-1.5"], { nullScoreDiffThreshold: -1.5 }],
  [["--output", "answers", "--overwrite"], { output: "answers", overwrite: true }],
  [["--threads", "3"], { threads: 3 }],
  [["--runtime", "auto"], { runtime: "auto" }],
  [["--precision", "auto"], { precision: "auto" }],
])("evaluate hands on %j", async (argv, options) => {
  expect(await optionsOf("evaluate", [...EVALUATE, ...argv])).toEqual({
    model: "m",
    data: "d.tsv",
    ...options,
  });
});

it.each<[string[], object]>([
  ...COLUMN_OPTIONS,
  [["--validation", "v"], { validation: "v" }],
  [["--model", "m"], { model: "m" }],
  [["--max-seq-length", "64"], { maxSeqLength: 64 }],
  [["--problem-type", "regression"], { problemType: "regression" }],
  [["--task", "question-answering"], { task: "question-answering" }],
  [["--data-tags", "d.tags"], { dataTags: "d.tags" }],
  [["--validation-tags", "v.tags"], { validationTags: "v.tags" }],
  [["--doc-stride", "64"], { docStride: 64 }],
  [["--doc-step", "64"], { docStep: 64 }],
  [["--max-question-length", "32"], { maxQuestionLength: 32 }],
  [["--max-answer-length", "5"], { maxAnswerLength: 5 }],
])("inspect hands on %j", async (argv, options) => {
  const given = await optionsOf("inspectData", ["inspect", "--data", "d", ...argv]);
  expect(given).toEqual({ task: "text-classification", data: "d", ...options });
});
