/** Dropout and the dense layer: values, gradients, declared parameters. */
import { describe, expect, it } from "vitest";
import { checkGradient } from "../../test/helpers/check-gradient.ts";
import { runGraph } from "../../test/helpers/run-graph.ts";
import { grad } from "../engine/autodiff/grad.ts";
import { Graph } from "../engine/graph/graph.ts";
import { mul } from "../engine/ops/elementwise.ts";
import { activation, Dropout, linear } from "./layers.ts";
import { decays, Parameters } from "./parameters.ts";

const MASK = [1, 0, 1, 1, 0, 1, 1, 1, 0, 1];

describe("dropout", () => {
  const build = (training: boolean, probability: number) => {
    const graph = new Graph();
    const dropout = new Dropout(graph, training);
    const x = graph.input("x", "float32", ["T", 2]);
    return { graph, dropout, x, y: dropout.apply("here", x, probability) };
  };

  it("drops by its mask and scales what is kept", async () => {
    const { graph, dropout, y } = build(true, 0.2);
    expect(dropout.specs).toEqual([{ name: "mask:here", dims: ["T", 2], probability: 0.2 }]);
    const x = Array.from({ length: 10 }, (_, i) => i - 4);
    const { y: values } = await runGraph(graph, { y }, { x, "mask:here": MASK }, { T: 5 });
    expect(Array.from(values)).toEqual(x.map((value, i) => Math.fround(value * MASK[i] * Math.fround(1.25))));
  });

  it("is nothing in evaluation, or at probability 0", () => {
    for (const { x, y, dropout } of [build(false, 0.2), build(true, 0)]) {
      expect(y).toBe(x);
      expect(dropout.specs).toEqual([]);
    }
  });

  it("has the gradient of finite differences", async () => {
    await checkGradient({
      inputs: [{ dims: ["T", 2] }],
      own: { "mask:here": MASK },
      sizes: { T: 5 },
      f: ([x]) => mul(new Dropout(x.graph, true).apply("here", mul(x, x), 0.3), x),
    });
  });

  it("refuses two masks of one name", () => {
    const { dropout, x } = build(true, 0.2);
    expect(() => dropout.apply("here", x, 0.2)).toThrow("two tensors are called mask:here");
  });
});

describe("the dense layer", () => {
  it("is x W^T + b, with the weight as checkpoints have it", async () => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    const x = graph.input("x", "float32", ["T", 3]);
    const y = linear(parameters.at("classifier"), x, 2);
    expect(parameters.specs).toEqual([
      { name: "classifier.weight", dims: [2, 3], initializer: "normal", table: false },
      { name: "classifier.bias", dims: [2], initializer: "zeros", table: false },
    ]);
    const dWeight = grad(
      y,
      [parameters.tensor("classifier.weight")],
      graph.input("dy", "float32", ["T", 2]),
    )[0];
    const feeds = {
      dy: [1, 0, 0, 1],
      x: [1, 2, 3, 4, 5, 6],
      "classifier.weight": [1, 0, 0, 0, 1, -1],
      "classifier.bias": [10, 20],
    };
    const values = await runGraph(graph, { y, dWeight }, feeds, { T: 2 });
    expect(Array.from(values.y)).toEqual([11, 19, 14, 19]);
    expect(Array.from(values.dWeight)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("activations", () => {
  // transformers' gelu, gelu_new and relu at these places, from their formulas in float64.
  it.each([
    ["gelu", [-0.15865525, 0, 0.84134475, 1.95449974]],
    ["gelu_new", [-0.15880801, 0, 0.84119199, 1.95459769]],
    ["relu", [0, 0, 1, 2]],
  ] as const)("%s", async (name, expected) => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [4]);
    const { y } = await runGraph(graph, { y: activation(x, name) }, { x: [-1, 0, 1, 2] });
    expected.forEach((value, i) => {
      expect(Math.abs(y[i] - value)).toBeLessThan(1e-6);
    });
  });
});

describe("parameters", () => {
  it("are declared once, under the scope's prefix, in order", () => {
    const parameters = new Parameters(new Graph());
    const layer = parameters.at("encoder").at("layer.0");
    layer.get("weight", [2], "ones");
    parameters.table("words", 5, 2);
    expect(parameters.specs.map(({ name, table }) => [name, table])).toEqual([
      ["encoder.layer.0.weight", false],
      ["words", true],
    ]);
    expect(() => layer.get("weight", [2], "ones")).toThrow(
      "internal: parameter encoder.layer.0.weight is declared twice",
    );
    expect(() => parameters.tensor("nothing")).toThrow("internal: no parameter nothing");
  });

  it.each([
    ["bert.encoder.layer.0.attention.self.query.weight", true],
    ["bert.embeddings.word_embeddings.weight", true],
    ["classifier.weight", true],
    ["classifier.bias", false],
    ["bert.embeddings.LayerNorm.weight", false],
    ["bert.encoder.layer.0.output.LayerNorm.bias", false],
  ])("%s decays: %s", (name, expected) => expect(decays(name)).toBe(expected));
});
