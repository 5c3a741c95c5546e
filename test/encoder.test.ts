/** The encoder as a graph, and its last layer on the `[CLS]` rows alone against one that computes every row. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Graph } from "../src/engine/graph/graph.ts";
import { Arena } from "../src/engine/kernels/arena.ts";
import { gatherRows } from "../src/engine/ops/gather-rows.ts";
import { loadRuntime } from "../src/engine/runtime/runtimes.ts";
import { openSafetensors } from "../src/files/checkpoint.ts";
import { readJson, TEXT_LIMITS } from "../src/files/model-folder.ts";
import { bert } from "../src/model/bert.ts";
import { type BertConfig, parseBertConfig } from "../src/model/config.ts";
import { Dropout } from "../src/model/layers.ts";
import { FEEDS, packedInputs } from "../src/model/packed-inputs.ts";
import { Parameters } from "../src/model/parameters.ts";
import { Features } from "../src/tasks/features.ts";
import type { Task } from "../src/tasks/task.ts";
import { textClassification } from "../src/tasks/text-classification.ts";
import { largestSizes, packBatch } from "../src/training/batch.ts";
import { initialize, ParameterStore } from "../src/training/parameter-store.ts";
import { evaluationProgram, trainingProgram } from "../src/training/program.ts";
import { TrainingStep } from "../src/training/training-step.ts";
import { runGraph, sizeOf } from "./helpers/run-graph.ts";

const FIXTURE = join(import.meta.dirname, "fixtures/bert/sequence-classification");

const CONFIG: BertConfig = {
  vocab_size: 30,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 20,
  hidden_act: "gelu",
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  max_position_embeddings: 12,
  type_vocab_size: 2,
  initializer_range: 0.5,
  layer_norm_eps: 1e-12,
  classifier_dropout: null,
};

const TASK = textClassification({ problemType: "single_label_classification", labels: ["a", "b", "c"] });

/** The same task with a head that is given every row and takes the `[CLS]` rows itself. */
const READS_ALL: Task = {
  ...TASK,
  reads: "all",
  head: (p, encoded, config, dropout) => {
    const feed = (name: string) => p.graph.inputs.find((tensor) => tensor.name === name)!;
    const [rows, inverse] = [feed(FEEDS.clsRows), feed(FEEDS.clsInverse)];
    const cls = gatherRows(encoded.hidden, { index: rows, pads: false }, { index: inverse, pads: true });
    return TASK.head(p, { ...encoded, hidden: cls }, config, dropout);
  },
};

/** Rows of these lengths; the second half of each is of segment 1. */
function rows(...lengths: number[]): Features {
  const features = new Features(CONFIG.vocab_size);
  lengths.forEach((length, row) => {
    const ids = Array.from({ length }, (_, i) => (5 * row + 3 * i) % CONFIG.vocab_size);
    features.add(ids, Math.ceil(length / 2));
  });
  features.setLabels({ width: 1, values: Float32Array.from(lengths, (_, row) => row % 3) });
  return features;
}

/** Logits, loss and gradients of `order`, the rows of one batch. */
async function run(task: Task, features: Features, order: readonly number[]) {
  const program = trainingProgram(task, CONFIG);
  const store = await ParameterStore.create(program.parameters, {
    training: true,
    batchBytes: TrainingStep.bytes(program, largestSizes(features, features.rows)),
  });
  for (const parameter of store.parameters) initialize(parameter, 7, CONFIG.initializer_range);
  const runtime = await loadRuntime("auto");
  const options = { runtime, program, task, store, seed: 0, threads: 1, accumulation: 1 };
  const step = await TrainingStep.create(options);
  try {
    const { loss, logits } = await step.gradients(features, [order], 0);
    const gradients = store.parameters.map(({ spec, gradient }) => [spec.name, gradient.slice()] as const);
    return { loss, logits: logits[0], gradients: new Map(gradients) };
  } finally {
    step.dispose();
  }
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i])), 0);
}

describe("the last layer on the [CLS] rows alone", () => {
  it.each([
    ["ragged rows", [5, 2, 9, 3]],
    ["rows of one length", [4, 4, 4]],
    ["one row", [6]],
    ["rows of one token", [1, 1]],
  ])("gives the logits and gradients of all rows: %s", async (_name, lengths) => {
    const features = rows(...lengths);
    const order = lengths.map((_, row) => row);
    const [cls, all] = [await run(TASK, features, order), await run(READS_ALL, features, order)];
    expect(difference(cls.logits, all.logits)).toBeLessThan(1e-5);
    expect(Math.abs(cls.loss - all.loss)).toBeLessThan(1e-5);
    expect([...cls.gradients.keys()]).toEqual([...all.gradients.keys()]);
    for (const [name, gradient] of cls.gradients) {
      expect(difference(gradient, all.gradients.get(name)!), name).toBeLessThan(1e-5);
    }
    expect(Math.max(...cls.gradients.get("bert.embeddings.word_embeddings.weight")!)).toBeGreaterThan(1e-3);
  });
});

it("a row's logits do not depend on the rows beside it", async () => {
  const features = rows(5, 2, 9, 3);
  const { logits } = await run(TASK, features, [0, 1, 2, 3]);
  for (const row of [0, 1, 2, 3]) {
    const alone = await run(TASK, features, [row]);
    expect(difference(alone.logits, logits.subarray(3 * row, 3 * row + 3))).toBeLessThan(1e-5);
  }
});

describe("the printed graph", () => {
  const lines = (text: string, pattern: RegExp) => text.split("\n").filter((line) => pattern.test(line));
  const dropping = { ...CONFIG, hidden_dropout_prob: 0.1, attention_probs_dropout_prob: 0.2 };

  it("has no scatter, with and without dropout", () => {
    for (const config of [CONFIG, dropping]) {
      const text = trainingProgram(TASK, config).print();
      expect(lines(text, / = Gather\(/).length).toBeGreaterThan(0);
      expect(text).not.toMatch(/scatter/i);
    }
  });

  it("runs the last feed-forward layer on B rows, those below on T", () => {
    const inner = (task: Task) =>
      lines(
        evaluationProgram(task, CONFIG).print(),
        /float32\[\w+, 20\] = \w+\(.*intermediate\.dense\.weight/,
      ).map((line) => /float32\[(\w+), 20\]/.exec(line)![1]);
    expect(inner(TASK)).toEqual(["T", "B"]);
    expect(inner(READS_ALL)).toEqual(["T", "T"]);
  });

  it("has no masks where nothing is dropped or nothing is trained", () => {
    for (const program of [trainingProgram(TASK, CONFIG), evaluationProgram(TASK, dropping)]) {
      expect(program.masks).toEqual([]);
      expect(program.print()).not.toContain("mask:");
    }
  });

  it("has a mask for every place where BERT drops, and the last layer's are of B rows", () => {
    const program = trainingProgram(TASK, dropping);
    expect(program.masks.map(({ name, dims, probability }) => [name, dims, probability])).toEqual([
      ["mask:embeddings", ["T", 8], 0.1],
      ["mask:layer.0.probabilities", ["G", 2, "S", "S"], 0.2],
      ["mask:layer.0.attention", ["T", 8], 0.1],
      ["mask:layer.0.output", ["T", 8], 0.1],
      ["mask:layer.1.probabilities", ["B", 2, "S"], 0.2],
      ["mask:layer.1.attention", ["B", 8], 0.1],
      ["mask:layer.1.output", ["B", 8], 0.1],
      ["mask:pooled", ["B", 8], 0.1],
    ]);
    for (const { name } of program.masks) expect(program.print()).toContain(`input ${name}: uint8`);
  });
});

describe("parameters", () => {
  it.each([1, 2])("of %i layers have transformers' names and shapes", async (layers) => {
    const json = await readJson(FIXTURE, "config.json", TEXT_LIMITS.config);
    const config = { ...parseBertConfig(json, FIXTURE), num_hidden_layers: layers };
    const checkpoint = await openSafetensors(join(FIXTURE, "model.safetensors"));
    await checkpoint.close();
    const expected = [...checkpoint.tensors]
      .filter(([name]) => layers === 2 || !name.includes("encoder.layer.1."))
      .map(([name, { shape }]) => `${name} [${shape}]`);
    const ours = trainingProgram(TASK, config).parameters.map(({ name, dims }) => `${name} [${dims}]`);
    expect(ours.sort()).toEqual(expected.sort());
  });
});

describe("what is kept of a row's probabilities counts 1 / keep times", () => {
  /** Pooled vectors of a graph for training whose masks keep all; `factor`: on the values' weights and biases. */
  async function pooled(reads: "all" | "cls", attention: number, factor = 1): Promise<Float32Array> {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    const config = { ...CONFIG, attention_probs_dropout_prob: attention };
    const inputs = packedInputs(graph);
    const { hidden } = bert(parameters.at("bert"), inputs, config, new Dropout(graph, true), reads);
    const cls = reads === "cls" ? hidden : gatherRows(hidden, inputs.clsRows, inputs.clsInverse);
    const features = rows(5, 2, 3);
    const arena = await Arena.create(1 << 20);
    const { feeds, sizes } = packBatch(arena, features, [0, 1, 2], new Set(Object.values(FEEDS)));
    const given = Object.entries(feeds).map(([name, { data }]) => [name, Array.from(data, Number)] as const);
    const weights = parameters.specs.map(({ name, dims }) => {
      const scale = /self\.value/.test(name) ? factor : 1;
      const length = dims.reduce((a, b) => a * b, 1);
      return [name, Array.from({ length }, (_, i) => scale * Math.sin(1 + 1.7 * i + name.length))] as const;
    });
    const masks = graph.inputs
      .filter(({ name }) => name.startsWith("mask:"))
      .map(({ name, dims }) => [name, Array(sizeOf(dims, sizes)).fill(1)] as const);
    expect(masks).toHaveLength(attention > 0 ? CONFIG.num_hidden_layers : 0);
    const all = Object.fromEntries([...given, ...weights, ...masks]);
    return (await runGraph(graph, { cls }, all, { ...sizes })).cls;
  }

  it.each(["all", "cls"] as const)("as values of larger weights do, last layer of %s rows", async (reads) => {
    const [plain, dropped, larger] = [
      await pooled(reads, 0),
      await pooled(reads, 0.2),
      await pooled(reads, 0, 1.25),
    ];
    expect(difference(dropped, larger)).toBeLessThan(1e-5);
    expect(difference(dropped, plain)).toBeGreaterThan(1e-2);
  });
});
