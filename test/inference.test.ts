/** Models that were trained here, loaded again: predictions, evaluation and the look at data before it. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  evaluate,
  type FineTuneOptions,
  fineTune,
  InputError,
  inspectData,
  type LabelScore,
  loadPredictor,
  type Prediction,
  type Predictor,
  type TextRow,
  UsageError,
} from "../src/node.ts";
import { openTokenizer } from "../src/training/model-files.ts";
import { hash32 } from "../src/util/random.ts";
import { WORDS } from "./cli/tiny-model.ts";
import { ENOUGH, makeFolder, pairRows, sentimentRows, taggedRows } from "./helpers/tiny-runs.ts";

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const train = async (name: string, rows: TextRow[], options: Partial<FineTuneOptions> = {}) => {
  const output = folder.path(name);
  await fineTune({ ...ENOUGH, model: folder.model, train: rows, output, ...options });
  return output;
};

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const labelOf = (prediction: Prediction) => (prediction as LabelScore).label;

describe("classes", () => {
  const rows = sentimentRows(64);
  const held = sentimentRows(24);
  const [{ text: good }, { text: bad }] = held;
  let model: string;
  let predict: Predictor;
  beforeAll(async () => {
    model = await train("classes", rows, { positiveLabel: "negative" });
    predict = await loadPredictor(model, { threads: 1 });
  });
  afterAll(() => predict.dispose());

  it("a predictor says what it is, and is right", async () => {
    expect(predict.task).toBe("text-classification");
    expect(predict.problemType).toBe("single_label_classification");
    expect(predict.labels).toEqual(["negative", "positive"]);
    const { label, score } = (await predict(good)) as LabelScore;
    expect(label).toBe("positive");
    expect(score).toBeGreaterThan(0.5);
    expect(score).toBeLessThanOrEqual(1);
  });

  it("evaluate counts what the predictor answers", async () => {
    // Every third label is wrong: the accuracy must say so.
    const spoilt = held.map(({ text, label }, i) => {
      const wrong = label === "positive" ? "negative" : "positive";
      return { text, label: i % 3 === 0 ? wrong : label };
    });
    const answers = await collect(predict.stream(spoilt));
    const right = answers.filter((answer, i) => labelOf(answer) === spoilt[i].label).length;
    const result = await evaluate({ model, data: spoilt, threads: 1 });
    expect(result.examples).toBe(24);
    expect(result.metrics.accuracy).toBe(right / 24);
    expect(right).toBe(16);
  });

  it("metrics are of the positive label that training named, or another", async () => {
    const data = held.map((row) => ({ ...row, label: "negative" }));
    const own = await evaluate({ model, data, threads: 1 });
    const named = await evaluate({ model, data, positiveLabel: "negative", threads: 1 });
    const other = await evaluate({ model, data, positiveLabel: "positive", threads: 1 });
    expect(own.metrics).toEqual(named.metrics);
    expect(own.metrics.precision).toBe(1);
    expect(other.metrics.precision).toBe(0);
  });

  it("two calls at a time do not mix", async () => {
    const both = await Promise.all([predict(good), predict(bad)]);
    expect(both.map(labelOf)).toEqual(["positive", "negative"]);
    expect([await predict(good), await predict(bad)]).toEqual(both);
  });

  it("a stream keeps the order of more rows than it sorts at once, of two lengths", async () => {
    const texts = WORDS.slice(0, 8).flatMap((word) => [word, `the the the ${word}`]);
    // In no regular order, or a batch could pass for the one before.
    const many = Array.from({ length: 6000 }, (_, i) => ({ text: texts[hash32(i) % texts.length] }));
    const some = await collect(predict.stream(many));
    expect(some).toHaveLength(6000);
    const alone = new Map<string, Prediction>();
    for (const text of texts) alone.set(text, await predict(text));
    some.forEach((prediction, row) => {
      const expected = alone.get(many[row].text)!;
      expect(labelOf(prediction)).toBe(labelOf(expected));
      expect((prediction as LabelScore).score).toBeCloseTo((expected as LabelScore).score, 5);
    });
  });

  it("topK gives the best ones in order, and no more than there are", async () => {
    const { top } = (await predict(bad, undefined, { topK: 5 })) as { top: LabelScore[] };
    expect(top.map(({ label }) => label)).toEqual(["negative", "positive"]);
    expect(top[0].score + top[1].score).toBeCloseTo(1, 5);
    expect(await predict(bad, undefined, { topK: 1 })).toEqual({ top: [top[0]] });
  });

  it("logits are the raw outputs of the scores", async () => {
    const [[no, yes]] = await collect(predict.logits([{ text: good }]));
    const { score } = (await predict(good)) as LabelScore;
    expect(1 / (1 + Math.exp(no - yes))).toBeCloseTo(score, 5);
  });

  it("a stream that is left halfway reads on by no more than it was ahead, and its work ends", async () => {
    let read = 0;
    async function* endless() {
      for (;;) yield { text: held[read++ % held.length].text };
    }
    for await (const answer of predict.stream(endless())) {
      expect(labelOf(answer)).toBe("positive");
      break;
    }
    expect(labelOf(await predict(bad))).toBe("negative");
    // Two stretches of 16,384 tokens, and no row has fewer than three.
    expect(read).toBeLessThan((2 * 16_384) / 3);
  });

  it("an aborted call does not stop the next one", async () => {
    await expect(predict(good, undefined, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(labelOf(await predict(good))).toBe("positive");
  });

  it("a label that the model does not have is refused", async () => {
    const call = evaluate({ model, data: [...held, { text: "so so", label: "neutral" }], threads: 1 });
    await expect(call).rejects.toThrow(InputError);
    await expect(call).rejects.toThrow("neutral");
    await expect(evaluate({ model, data: held, positiveLabel: "neutral" })).rejects.toThrow(InputError);
  });

  it.each([
    ["batchSize", 0, "a whole number above 0"],
    ["maxSeqLength", 2, "a whole number of at least 3"],
    ["threads", -1, "a whole number above 0"],
    ["runtime", "gpu", "one of auto, onnxruntime, onnxruntime-binding, openvino"],
    ["precision", "int8", "one of float32, bf16, auto"],
  ])("loading refuses %s %j, before the model", async (name, value, expected) => {
    const error = new UsageError(`${name} is ${JSON.stringify(value)}, expected ${expected}.`);
    await expect(loadPredictor("nowhere", { [name]: value })).rejects.toThrow(error);
    await expect(evaluate({ model: "nowhere", data: held, [name]: value })).rejects.toThrow(error);
  });

  it("a call refuses topK 0 and thresholds that are no probability", async () => {
    await expect(predict(good, undefined, { topK: 0 })).rejects.toThrow(
      "topK is 0, expected a whole number above 0.",
    );
    await expect(collect(predict.stream(held, { threshold: 1 }))).rejects.toThrow(UsageError);
    await expect(evaluate({ model, data: held, threshold: 0 })).rejects.toThrow("threshold is 0");
  });

  it("a base model is refused: it is for no task yet", async () => {
    await expect(loadPredictor(folder.model)).rejects.toThrow("it was not fine-tuned for a task");
  });

  it("a problem type that is not known is refused", async () => {
    const bad = await train("unknown-type", rows, { maxSteps: 1 });
    const config = JSON.parse(readFileSync(`${bad}/config.json`, "utf8"));
    writeFileSync(`${bad}/config.json`, JSON.stringify({ ...config, problem_type: "ranking" }));
    await expect(loadPredictor(bad)).rejects.toThrow(InputError);
    await expect(loadPredictor(bad)).rejects.toThrow("ranking");
  });

  it("two labels without names have transformers' standard ones, which it leaves out of the file", async () => {
    const nameless = await train("nameless", rows, { maxSteps: 1 });
    const { id2label, label2id, ...config } = JSON.parse(readFileSync(`${nameless}/config.json`, "utf8"));
    writeFileSync(`${nameless}/config.json`, JSON.stringify(config));
    const two = await loadPredictor(nameless);
    expect(two.labels).toEqual(["LABEL_0", "LABEL_1"]);
    two.dispose();
  });
});

it("several labels: those from the threshold on, the call's or the model's", async () => {
  const rows = taggedRows(48);
  const model = await train("several", rows, { threshold: 0.6 });
  const predict = await loadPredictor(model, { threads: 1 });
  const labels = async (text: string, threshold?: number) => {
    const prediction = (await predict(text, undefined, { threshold })) as { labels: LabelScore[] };
    return prediction.labels.map(({ label }) => label).sort();
  };
  expect(predict.problemType).toBe("multi_label_classification");
  expect(await labels("the a was good and day")).toEqual(["day", "good"]);
  expect(await labels("the a was good")).toEqual(["good"]);
  expect(await labels("the a was")).toEqual([]);
  expect(await labels("the a was", 1e-9)).toEqual(["day", "good"]);
  expect(JSON.parse(readFileSync(`${model}/config.json`, "utf8")).bertwright.threshold).toBe(0.6);
  const { metrics } = await evaluate({ model, data: rows, threads: 1 });
  expect(metrics.f1).toBe(1);

  // The model's own threshold, just below a score and just above it.
  const all = (await predict("the a was good", undefined, { threshold: 1e-9 })) as { labels: LabelScore[] };
  const config = JSON.parse(readFileSync(`${model}/config.json`, "utf8"));
  for (const [share, expected] of [
    [0.999, ["good"]],
    [1.001, []],
  ] as const) {
    config.bertwright.threshold = all.labels[0].score * share;
    writeFileSync(`${model}/config.json`, JSON.stringify(config));
    const other = await loadPredictor(model, { threads: 1 });
    const { labels: found } = (await other("the a was good")) as { labels: LabelScore[] };
    expect(found.map(({ label }) => label)).toEqual(expected);
    other.dispose();
  }
  predict.dispose();
});

it("a text is cut at the length that the model was trained with, unless another is asked for", async () => {
  const model = await train("short", sentimentRows(8), { maxSteps: 1, maxSeqLength: 5 });
  const long = "the a film meal was good";
  const [predict, further] = [await loadPredictor(model), await loadPredictor(model, { maxSeqLength: 8 })];
  // [CLS], three words and [SEP] are left.
  expect(await predict(long)).toEqual(await predict("the a film"));
  expect(await further(long)).not.toEqual(await predict(long));
  predict.dispose();
  further.dispose();
});

it("regression: a score without a label", async () => {
  const rows = sentimentRows(64).map(({ text, label }) => ({ text, label: label === "positive" ? 2.5 : -1 }));
  const model = await train("scores", rows, { problemType: "regression" });
  const predict = await loadPredictor(model, { threads: 1 });
  expect([predict.problemType, predict.labels]).toEqual(["regression", []]);
  const score = async (text: string) => ((await predict(text)) as { score: number }).score;
  expect(Math.abs((await score(rows[0].text)) - 2.5)).toBeLessThan(0.7);
  expect(Math.abs((await score(rows[1].text)) + 1)).toBeLessThan(0.7);
  expect((await evaluate({ model, data: rows, threads: 1 })).metrics.pearson).toBeGreaterThan(0.95);
  predict.dispose();
});

it("pairs: the second text decides as much as the first, and segments tell them apart", async () => {
  const model = await train("pairs", pairRows(64), { numTrainEpochs: 40 });
  const predict = await loadPredictor(model, { threads: 1 });
  expect(labelOf(await predict("good", "good"))).toBe("same");
  expect(labelOf(await predict("good", "bad"))).toBe("other");
  const [one, two] = await collect(
    predict.logits([{ text: "good", textPair: "bad" }, { text: "good [SEP] bad" }]),
  );
  // The same ids: only the segment of the second text differs.
  const tokenizer = await openTokenizer(model);
  const idsOf = (text: string, pair?: string) => tokenizer.encodeIds(text, pair).inputIds;
  expect(idsOf("good [SEP] bad")).toEqual(idsOf("good", "bad"));
  expect(Math.abs(one[0] - two[0])).toBeGreaterThan(1e-4);
  predict.dispose();
});

it("more head layers come back as they were written", async () => {
  const rows = sentimentRows(32);
  const model = await train("deep-head", rows, { headLayers: 2, validation: rows });
  const config = JSON.parse(readFileSync(`${model}/config.json`, "utf8"));
  expect(config.architectures).toEqual(["BertwrightForSequenceClassification"]);
  expect(config.bertwright.head_layers).toBe(2);
  const { eval_accuracy } = JSON.parse(readFileSync(`${model}/all_results.json`, "utf8"));
  const { metrics } = await evaluate({ model, data: rows, threads: 1 });
  expect(metrics.accuracy).toBe(eval_accuracy);
  expect(metrics.accuracy).toBeGreaterThan(0.9);
});

it("inspectData reports rows, labels, lengths, repeats and overlaps", async () => {
  const rows = sentimentRows(20);
  const report = await inspectData({
    task: "text-classification",
    model: folder.model,
    data: [...rows, rows[0]],
    validation: [rows[1], { text: "so so", label: "neutral" }],
  });
  expect(report.train.rows).toBe(21);
  expect(report.train.labels).toEqual([
    { label: "positive", count: 11 },
    { label: "negative", count: 10 },
  ]);
  expect(report.train.lengths?.max).toBeGreaterThan(3);
  expect(report.train.duplicates.rows).toBe(1);
  expect(report.validation?.inTrain.rows).toBe(1);
  expect(report.validation?.unknownLabels).toMatchObject([{ label: "neutral", count: 1 }]);
});

it("inspectData takes rows that come only once", async () => {
  const rows = sentimentRows(20);
  const options = { task: "text-classification", model: folder.model } as const;
  const { train } = await inspectData({ ...options, data: rows });
  expect((await inspectData({ ...options, data: rows.values() })).train).toEqual(train);
  const tagged = taggedRows(8);
  const several = await inspectData({ ...options, data: tagged });
  expect((await inspectData({ ...options, data: tagged.values() })).train).toEqual(several.train);
});
