/** What the task makes of labels and logits, and what it writes down of itself. */
import { describe, expect, it } from "vitest";
import { labelled } from "../../test/helpers/labelled.ts";
import { Graph } from "../engine/graph/graph.ts";
import { parseBertConfig } from "../model/config.ts";
import { Dropout } from "../model/layers.ts";
import { Parameters } from "../model/parameters.ts";
import {
  argmax,
  labelsOfConfig,
  type TextClassificationOptions,
  textClassification,
} from "./text-classification.ts";

const floats = (...values: number[]) => Float32Array.from(values);

const single = (options: Partial<TextClassificationOptions> = {}) =>
  textClassification({
    problemType: "single_label_classification",
    labels: ["negative", "neutral", "positive"],
    ...options,
  });
const multi = (options: Partial<TextClassificationOptions> = {}) =>
  textClassification({ problemType: "multi_label_classification", labels: ["a", "b", "c"], ...options });
const regression = () => textClassification({ problemType: "regression", labels: [] });

describe("targets", () => {
  const targetsOf = (task: ReturnType<typeof single>, label: Float32Array, width: number) => {
    // What was there of the batch before must go.
    const targets = new Float32Array(width).fill(9);
    task.writeTargets(labelled(label).features, [0], { targets });
    return [...targets];
  };

  it("of a class are one-hot", () => {
    expect(targetsOf(single(), floats(2), 3)).toEqual([0, 0, 1]);
    expect(targetsOf(single(), floats(0), 3)).toEqual([1, 0, 0]);
  });

  it("of several labels are their bits", () => {
    expect(targetsOf(multi(), floats(1, 0, 1), 3)).toEqual([1, 0, 1]);
    expect(targetsOf(multi(), floats(0, 0, 0), 3)).toEqual([0, 0, 0]);
  });

  it("of a score are the score", () => {
    expect(targetsOf(regression(), floats(-2.5), 1)).toEqual([-2.5]);
  });

  it("have as many numbers as the task says", () => {
    expect([single(), multi(), regression()].map((task) => [task.targets.targets, task.labelWidth])).toEqual([
      [["B", 3], 1],
      [["B", 3], 3],
      [["B", 1], 1],
    ]);
  });

  it("count by rows for classes, by numbers for several labels and scores", () => {
    const { features } = labelled(floats(0));
    const rows = [0, 0, 0, 0, 0, 0, 0, 0];
    expect([single(), multi(), regression()].map((task) => task.lossCount(features, rows))).toEqual([
      8, 24, 8,
    ]);
  });
});

describe("scores", () => {
  it("of classes are probabilities, finite for large logits", () => {
    const [low, middle, high] = single().scores(floats(0, 1000, 1001));
    expect(low).toBe(0);
    expect(middle).toBeCloseTo(1 / (1 + Math.E), 6);
    expect(high).toBeCloseTo(Math.E / (1 + Math.E), 6);
  });

  it("of several labels are a probability each", () => {
    const scores = multi().scores(floats(0, 200, -200));
    expect([...scores]).toEqual([0.5, 1, 0]);
    expect(multi().scores(floats(Math.log(3), 0, 0))[0]).toBeCloseTo(0.75, 6);
  });

  it("of regression are the value itself", () => {
    expect([...regression().scores(floats(-3.25))]).toEqual([-3.25]);
  });
});

describe("trivialAnswer", () => {
  const answer = (task: ReturnType<typeof single>, ...labels: Float32Array[]) =>
    task.trivialAnswer(labelled(...labels))(7);

  it("is the logit of which the sigmoid is the mean, for several labels", () => {
    const logits = answer(multi(), floats(1, 0, 1), floats(1, 0, 0), floats(1, 0, 0), floats(1, 0, 0));
    expect([...logits.subarray(0, 2)]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(multi().scores(logits)[2]).toBeCloseTo(0.25, 6);
  });

  it("is the mean elsewhere: the commonest class is first, the mean score is the answer", () => {
    expect([...answer(single(), floats(2), floats(0), floats(2), floats(1))]).toEqual([0.25, 0.25, 0.5]);
    expect([...answer(regression(), floats(1), floats(4))]).toEqual([2.5]);
  });
});

describe("metrics", () => {
  it("of classes have the one that chooses the best weights, and all that stand beside it", () => {
    const evaluation = single().evaluation(labelled(floats(0), floats(1), floats(2), floats(2)));
    evaluation.update(3, floats(0, 0, 1));
    evaluation.update(0, floats(3, 1, 0));
    evaluation.update(1, floats(0, 1, 0));
    evaluation.update(2, floats(0, 1, 0));
    const metrics = evaluation.compute();
    expect(metrics.accuracy).toBe(0.75);
    expect(metrics).toHaveProperty(single().bestMetric);
  });

  it("of two classes are those of the positive one", () => {
    const measure = (positive?: number) => {
      const data = labelled(floats(1), floats(1), floats(0), floats(0));
      const evaluation = single({ labels: ["no", "yes"], positive }).evaluation(data);
      // Rightly yes twice, rightly no once, wrongly yes once: yes has precision 2/3, recall 1; no 1 and 1/2.
      for (const [row, answer] of [1, 1, 0, 1].entries()) {
        evaluation.update(row, answer === 1 ? floats(0, 1) : floats(1, 0));
      }
      return evaluation.compute();
    };
    expect(measure(1)).toMatchObject({ recall: 1, precision: expect.closeTo(2 / 3, 6) });
    expect(measure(0)).toMatchObject({ recall: 0.5, precision: 1 });
    expect(measure()).toEqual(measure(1));
  });

  it("of several labels go by the threshold", () => {
    const measure = (threshold?: number) => {
      const evaluation = multi({ threshold }).evaluation(labelled(floats(1, 0, 0)));
      evaluation.update(0, floats(2, 0.5, -2)); // probabilities 0.88, 0.62, 0.12
      return evaluation.compute();
    };
    expect(measure(0.8).f1).toBe(1);
    expect(measure().f1).toBeCloseTo(2 / 3, 6);
    expect(measure(0.1).f1).toBeCloseTo(0.5, 6);
    expect(measure()).toHaveProperty(multi().bestMetric);
  });

  it("of regression are of values, not of classes", () => {
    const evaluation = regression().evaluation(labelled(floats(1), floats(2), floats(4)));
    for (const [row, x] of [1, 2, 4].entries()) evaluation.update(row, floats(2 * x));
    const metrics = evaluation.compute();
    expect(metrics.pearson).toBeCloseTo(1, 6);
    expect(metrics.mse).toBeCloseTo(7, 5);
    expect(metrics).not.toHaveProperty("accuracy");
    expect(metrics).toHaveProperty(regression().bestMetric);
  });
});

describe("options that are undefined", () => {
  it("are as those that are missing", () => {
    const given = single({ headLayers: undefined, positive: undefined, threshold: undefined });
    expect(given.options).toEqual(single().options);
    expect(given.architecture).toBe("BertForSequenceClassification");
  });
});

describe("config.json", () => {
  it("has transformers' fields, and our own apart", () => {
    expect(single({ headLayers: 1, positive: 2, threshold: 0.7 }).configFields({})).toEqual({
      problem_type: "single_label_classification",
      id2label: { "0": "negative", "1": "neutral", "2": "positive" },
      label2id: { negative: 0, neutral: 1, positive: 2 },
      num_labels: 3,
      bertwright: { task: "text-classification", head_layers: 1, positive: 2, threshold: 0.7 },
    });
  });

  it("gives regression the one output that transformers expects", () => {
    expect(regression().configFields({})).toMatchObject({
      problem_type: "regression",
      id2label: { "0": "LABEL_0" },
      label2id: { LABEL_0: 0 },
      num_labels: 1,
    });
  });

  it("keeps labels that look like members of objects or numbers", () => {
    const labels = ["10", "9", "constructor", "__proto__"];
    const { id2label, label2id } = single({ labels }).configFields({}) as {
      id2label: Record<string, string>;
      label2id: Record<string, number>;
    };
    expect(Object.values(id2label)).toEqual(labels);
    expect(Object.keys(label2id).sort()).toEqual([...labels].sort());
    expect(label2id["10"]).toBe(0);
  });
});

describe("labels of a config.json", () => {
  it("come by number, not by place", () => {
    expect(labelsOfConfig({ id2label: { 10: "k", 2: "c", 0: "a" } })).toEqual(["a", "c", "k"]);
  });

  it("are transformers' standard ones where a classifier's file has none", () => {
    expect(labelsOfConfig({ architectures: ["BertForSequenceClassification"] })).toEqual([
      "LABEL_0",
      "LABEL_1",
    ]);
  });

  it.each([[{}], [{ architectures: ["BertModel"] }], [{ architectures: "Bert", id2label: null }]])(
    "are none in %j",
    (json) => expect(labelsOfConfig(json)).toEqual([]),
  );
});

describe("head", () => {
  const config = parseBertConfig({ model_type: "bert", hidden_size: 8, num_attention_heads: 2 }, "c");
  const build = (headLayers: number, training = true) => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    const dropout = new Dropout(graph, training);
    const hidden = graph.input("hidden", "float32", ["B", 8]);
    const logits = single({ headLayers }).head(parameters, { hidden, embeddingSum: hidden }, config, dropout);
    return { names: parameters.specs.map(({ name }) => name), logits, masks: dropout.specs };
  };

  it("is transformers' own by default, in name and parameters", () => {
    const { names, logits } = build(0);
    expect(names).toEqual([
      "bert.pooler.dense.weight",
      "bert.pooler.dense.bias",
      "classifier.weight",
      "classifier.bias",
    ]);
    expect(logits.dims).toEqual(["B", 3]);
    expect(single().architecture).toBe("BertForSequenceClassification");
  });

  it("with more layers has another name, or transformers would load it and start a fresh classifier", () => {
    const { names, logits } = build(2);
    expect(names).toContain("head.layer.0.weight");
    expect(names).toContain("head.layer.1.bias");
    expect(logits.dims).toEqual(["B", 3]);
    expect(single({ headLayers: 2 }).architecture).not.toBe("BertForSequenceClassification");
  });

  it("drops before each layer, in training only", () => {
    expect(build(0).masks.map(({ probability }) => probability)).toEqual([0.1]);
    expect(build(2).masks).toHaveLength(3);
    expect(build(2, false).masks).toEqual([]);
  });
});

it("argmax takes the first of equal values", () => {
  expect([floats(1, 3, 3), floats(-2, -1, -3), floats(0)].map(argmax)).toEqual([1, 1, 0]);
});
