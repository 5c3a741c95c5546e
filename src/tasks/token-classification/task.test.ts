/** The tagging task on labels and logits made by hand: loss, targets, the trivial answer, metrics, what it writes down. */
import { describe, expect, it } from "vitest";
import { runGraph } from "../../../test/helpers/run-graph.ts";
import { Graph } from "../../engine/graph/graph.ts";
import { packedInputs } from "../../model/packed-inputs.ts";
import { Features } from "../features.ts";
import { type TaggingData, type TokenClassificationOptions, tokenClassification } from "./task.ts";

const IOB2 = ["O", "B-X", "I-X"];
const make = (options: Partial<TokenClassificationOptions> = {}) =>
  tokenClassification({ labels: IOB2, scheme: "IOB2", ...options });

/** A row a list: a label for each of its tokens, -1 without one. */
function rowsOf(...labels: number[][]): Features {
  const features = new Features(10);
  for (const row of labels) features.add(new Array(row.length).fill(1), row.length);
  features.setLabels({ width: "tokens", values: Float32Array.from(labels.flat()) });
  return features;
}

const targetsOf = (features: Features, rows: number[], width = 3) => {
  // What was there of the batch before must go.
  const targets = new Float32Array(rows.reduce((sum, row) => sum + features.length(row) * width, 0)).fill(9);
  make().writeTargets(features, rows, { targets });
  return targets;
};

describe("targets", () => {
  const features = rowsOf([-1, 2, -1], [-1, 0, 1, -1]);

  it("are one-hot at labelled tokens, zeros elsewhere, in the order of the rows", () => {
    expect([...targetsOf(features, [1, 0])]).toEqual([
      ...[0, 0, 0],
      ...[1, 0, 0],
      ...[0, 1, 0],
      ...[0, 0, 0],
      ...[0, 0, 0],
      ...[0, 0, 1],
      ...[0, 0, 0],
    ]);
  });

  it("count by labelled tokens, the sum over micro-batches", () => {
    const task = make();
    expect([[0], [1], [0, 1]].map((rows) => task.lossCount(features, rows))).toEqual([1, 2, 3]);
    expect(task.lossCount(rowsOf([-1, -1]), [0])).toBe(0);
  });
});

describe("the loss", () => {
  const loss = async (logits: number[], targets: Float32Array) => {
    const graph = new Graph();
    const x = graph.input("logits", "float32", ["T", 3]);
    const t = graph.input("targets", "float32", ["T", 3]);
    const y = make().loss(x, { targets: t }, packedInputs(graph));
    const { sum } = await runGraph(graph, { sum: y }, { logits, targets }, { T: logits.length / 3 });
    return sum[0];
  };
  const nll = (logits: number[], label: number) =>
    Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0)) - logits[label];

  it("is the sum of the labelled tokens' cross-entropies; the others have no say", async () => {
    const features = rowsOf([-1, 1, -1], [-1, 2, 0]);
    const [first, second, third] = [
      [1, 2, 3],
      [0.5, -1, 0],
      [4, 0, 1],
    ];
    const expected = nll(first, 1) + nll(second, 2) + nll(third, 0);
    const targets = targetsOf(features, [0, 1]);
    const logits = (other: number) => {
      const silent = [other, -other, 0];
      return [...silent, ...first, ...silent, ...silent, ...second, ...third];
    };
    expect(await loss(logits(0), targets)).toBeCloseTo(expected, 5);
    expect(await loss(logits(50), targets)).toBeCloseTo(expected, 5);
    const row = make().rowLoss(features, 1, Float32Array.from(logits(50).slice(9)));
    expect(row.sum).toBeCloseTo(nll(second, 2) + nll(third, 0), 5);
    expect(row.count).toBe(2);
    // Micro-batches one by one are the same sum.
    const parts =
      (await loss(logits(7).slice(0, 9), targetsOf(features, [0]))) +
      (await loss(logits(7).slice(9), targetsOf(features, [1])));
    expect(parts).toBeCloseTo(expected, 5);
  });
});

it("the trivial answer is the commonest label of the training tokens, for each token", () => {
  const features = rowsOf([-1, -1, -1, -1, 2], [-1, 2, 0, -1]);
  const answer = make().trivialAnswer({ ...data([]), features });
  expect([...answer(2)]).toEqual([0, 0, 1, 0, 0, 1]);
  expect(answer(0)).toHaveLength(0);
});

/** A token of a row: the word that it predicts; a word's tag by number in `names`. */
function data(
  windows: number[][],
  { references = [], ends = [references.length], names = IOB2 }: Partial<TestData> = {},
): TaggingData {
  return {
    features: rowsOf(...windows.map((words) => words.map(() => -1))),
    words: Int32Array.from(windows.flat()),
    sentenceEnds: Uint32Array.from(ends),
    references: Uint16Array.from(references),
    names,
  };
}

interface TestData {
  references: number[];
  ends: number[];
  names: readonly string[];
}

/** Logits of a row that speak for a label at each token. */
const speaking = (...labels: number[]) =>
  Float32Array.from(labels.flatMap((label) => IOB2.map((_, i) => (i === label ? 5 : 0))));

describe("evaluation", () => {
  // Two sentences of four and two words: B-X I-X O B-X, O B-X. The first has two windows.
  const windows = [
    [-1, 0, 1, -1],
    [-1, 2, -1, 3, -1],
    [-1, 4, 5, -1],
  ];
  const given = data(windows, { references: [1, 2, 0, 1, 0, 1], ends: [4, 6] });
  const logits = [speaking(0, 1, 2, 0), speaking(0, 0, 1, 1, 0), speaking(0, 0, 0, 0)];
  const evaluate = (order: number[], of = given) => {
    const evaluation = make().evaluation(of);
    for (const row of order) evaluation.update(row, logits[row]);
    return evaluation.compute();
  };

  it("scores every word once and nothing but words", () => {
    // Two of three entities found, none wrong; five of six words.
    expect(evaluate([0, 1, 2])).toMatchObject({ precision: 1, recall: 2 / 3, f1: 0.8, accuracy: 5 / 6 });
  });

  it("does not care for the order of the rows", () => {
    const expected = evaluate([0, 1, 2]);
    for (const order of [
      [2, 1, 0],
      [1, 2, 0],
    ])
      expect(evaluate(order)).toEqual(expected);
  });

  it("keeps nothing of logits that are overwritten afterwards", () => {
    const evaluation = make().evaluation(given);
    const buffer = new Float32Array(20);
    for (const row of [0, 1, 2]) {
      buffer.set(logits[row]);
      evaluation.update(row, buffer.subarray(0, logits[row].length));
      buffer.fill(9);
    }
    expect(evaluation.compute()).toEqual(evaluate([0, 1, 2]));
  });

  it("counts tags that the model does not have as wrong", () => {
    const names = [...IOB2, "B-Y"];
    const metrics = evaluate(
      [0, 1, 2],
      data(windows, { references: [1, 2, 0, 3, 0, 3], ends: [4, 6], names }),
    );
    // Found: X twice, right once. There: X once, Y twice.
    expect(metrics).toMatchObject({ precision: 1 / 2, recall: 1 / 3, accuracy: 4 / 6 });
  });

  it("takes a word that no window predicts for O", () => {
    const metrics = evaluate([0], data([[-1, 0, 1, -1]], { references: [1, 2, 1, 0] }));
    expect(metrics).toMatchObject({ precision: 1, recall: 1 / 2, accuracy: 3 / 4 });
  });

  it("lets an entity go on over a word that no window predicts, and only over such", async () => {
    const within = data([[-1, 0, 2, -1]], { references: [1, 2, 2] });
    const gap = (...labels: number[]) => {
      const evaluation = make().evaluation(within);
      evaluation.update(0, speaking(0, ...labels, 0));
      return evaluation.compute();
    };
    expect(gap(1, 2)).toMatchObject({ precision: 1, recall: 1, accuracy: 1 });
    // B-X, O, B-X: two entities with a word between them that is in neither.
    expect(gap(1, 1)).toMatchObject({ precision: 0, accuracy: 1 / 3 });
  });

  it("lets an entity go on from one window to the next", () => {
    const split = data(
      [
        [-1, 0, -1],
        [-1, 1, -1],
        [-1, 2, -1],
      ],
      { references: [1, 2, 0], ends: [3] },
    );
    const evaluation = make().evaluation(split);
    for (const row of [2, 1, 0]) evaluation.update(row, speaking(0, [1, 2, 0][row], 0));
    expect(evaluation.compute()).toMatchObject({ precision: 1, recall: 1, accuracy: 1 });
  });

  it("does not join entities of two sentences", () => {
    const joined = data([[-1, 0, 1, -1]], { references: [1, 2], ends: [1, 2] });
    const evaluation = make().evaluation(joined);
    evaluation.update(0, speaking(0, 1, 2, 0));
    // Two entities in the references and in what was predicted.
    expect(evaluation.compute()).toMatchObject({ precision: 1, recall: 1 });
  });

  it("predicts only sequences that IOB2 has", () => {
    const evaluation = make().evaluation(data([[-1, 0, 1, -1]], { references: [0, 0] }));
    // I-X would be the best of the second word alone, and cannot stand after O.
    evaluation.update(0, Float32Array.from([0, 0, 0, 9, 0, 0, 1, 0, 1.5, 0, 0, 0]));
    expect(evaluation.compute().accuracy).toBe(1);
  });

  it("of tags that mark no spans is the accuracy of words", () => {
    const labels = ["DET", "NOUN", "VERB"];
    const task = make({ labels, scheme: "none" });
    const evaluation = task.evaluation(data([[-1, 0, 1, 2, -1]], { references: [0, 1, 1], names: labels }));
    evaluation.update(0, speaking(2, 0, 1, 2, 2));
    const metrics = evaluation.compute();
    expect(metrics.accuracy).toBeCloseTo(2 / 3, 12);
    expect([task.bestMetric, make().bestMetric]).toEqual(["accuracy", "f1"]);
    expect(metrics).not.toHaveProperty("f1");
  });
});

it("config.json has the labels in the order of the logits and the scheme of the file", () => {
  expect(make({ scheme: "BILOU", labelAllPieces: true }).configFields({})).toEqual({
    id2label: { "0": "O", "1": "B-X", "2": "I-X" },
    label2id: { O: 0, "B-X": 1, "I-X": 2 },
    num_labels: 3,
    bertwright: { task: "token-classification", tag_scheme: "BILOU", label_all_pieces: true },
  });
});
