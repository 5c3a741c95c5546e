/** Checkpoints that differ in harmless ways, and in ways that are not. */
import { describe, expect, it } from "vitest";
import type { Checkpoint } from "../files/checkpoint.ts";
import { parseBertConfig } from "../model/config.ts";
import { textClassification } from "../tasks/text-classification.ts";
import { InputError } from "../util/errors.ts";
import { loadWeights, planWeights } from "./load-weights.ts";
import { ParameterStore } from "./parameter-store.ts";
import { evaluationProgram } from "./program.ts";

const CONFIG = parseBertConfig(
  {
    model_type: "bert",
    vocab_size: 11,
    hidden_size: 8,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 12,
    max_position_embeddings: 6,
  },
  "config.json",
);
const TASK = textClassification({ problemType: "single_label_classification", labels: ["a", "b", "c"] });
const SPECS = evaluationProgram(TASK, CONFIG).parameters;
const WORDS = "bert.embeddings.word_embeddings.weight";

type Shapes = Map<string, readonly number[]>;

/** All parameters of the model, under their own names. */
function whole(): Shapes {
  return new Map(SPECS.map(({ name, dims }) => [name, dims]));
}

function renamed(rename: (name: string) => string): Shapes {
  return new Map(SPECS.map(({ name, dims }) => [rename(name), dims]));
}

function without(part: string): Shapes {
  return new Map([...whole()].filter(([name]) => !name.includes(part)));
}

/** A checkpoint that holds, in every tensor, the tensor's number. */
function checkpoint(shapes: Shapes): Checkpoint {
  const names = [...shapes.keys()];
  return {
    tensors: new Map([...shapes].map(([name, shape]) => [name, { dtype: "F32" as const, shape }])),
    metadata: {},
    files: [],
    readFloat32: async (name, into) => void into.fill(1 + names.indexOf(name)),
    close: async () => {},
  };
}

function plan(shapes: Shapes, { complete = false } = {}) {
  return planWeights(checkpoint(shapes), SPECS, "models/x", { complete });
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

describe("planWeights", () => {
  it.each<[string, (name: string) => string]>([
    ["under our own names", (name) => name],
    ["without the prefix", (name) => name.replace(/^bert\./, "")],
    [
      "with gamma and beta",
      (name) =>
        name.replace(/LayerNorm\.weight$/, "LayerNorm.gamma").replace(/LayerNorm\.bias$/, "LayerNorm.beta"),
    ],
    [
      "with both differences",
      (name) => name.replace(/^bert\./, "").replace(/LayerNorm\.weight$/, "LayerNorm.gamma"),
    ],
  ])("takes every tensor %s", (_what, rename) => {
    const found = plan(renamed(rename), { complete: true });
    expect(found).toMatchObject({ total: SPECS.length, loaded: SPECS.length, added: [], unused: [] });
    for (const { name } of SPECS) expect(found.sources.get(name)).toBe(rename(name));
  });

  it("starts a missing pooler and head fresh", () => {
    const found = plan(new Map([...without(".pooler.")].filter(([name]) => !name.startsWith("classifier"))));
    expect([...found.added].sort()).toEqual([
      "bert.pooler.dense.bias",
      "bert.pooler.dense.weight",
      "classifier.bias",
      "classifier.weight",
    ]);
    expect(found.loaded).toBe(SPECS.length - 4);
  });

  it("needs the pooler and the head for prediction", () => {
    const message = messageOf(() => plan(without("classifier"), { complete: true }));
    expect(message).toBe(
      "models/x: the weights lack 2 tensors, such as classifier.weight, classifier.bias.\n" +
        "Give a model that was fine-tuned for this task.",
    );
    expect(messageOf(() => plan(without("pooler.dense.bias"), { complete: true }))).toContain(
      "the weights lack bert.pooler.dense.bias.",
    );
  });

  it("refuses a checkpoint that is no whole BERT", () => {
    expect(messageOf(() => plan(without("attention.self.key")))).toBe(
      "models/x: the weights lack 2 tensors, such as bert.encoder.layer.0.attention.self.key.weight, " +
        "bert.encoder.layer.0.attention.self.key.bias.\nThis is not a whole BERT checkpoint.",
    );
    expect(messageOf(() => plan(new Map([["conv.weight", [3, 3]]])))).toContain("not a whole BERT");
  });

  it.each([
    ["another number of rows", [12, 8]],
    ["its dims swapped", [8, 11]],
    ["a dim more", [1, 11, 8]],
  ])("refuses an encoder tensor with %s", (_what, shape) => {
    expect(messageOf(() => plan(whole().set(WORDS, shape)))).toBe(
      `models/x: tensor ${WORDS} is [${shape.join(", ")}], but config.json asks for [11, 8].\n` +
        "The weights and config.json do not belong together. Download the model again.",
    );
  });

  it("names a tensor of the wrong shape as the file does", () => {
    const shapes = renamed((name) => name.replace(/^bert\./, ""));
    shapes.set("embeddings.word_embeddings.weight", [12, 8]);
    expect(messageOf(() => plan(shapes))).toContain("tensor embeddings.word_embeddings.weight is [12, 8]");
  });

  it("starts a head of another size fresh for training, and refuses it for prediction", () => {
    const shapes = whole().set("classifier.weight", [2, 8]).set("classifier.bias", [2]);
    const found = plan(shapes);
    expect([...found.added].sort()).toEqual(["classifier.bias", "classifier.weight"]);
    expect([...found.unused].sort()).toEqual(["classifier.bias", "classifier.weight"]);
    expect(messageOf(() => plan(shapes, { complete: true }))).toContain(
      "tensor classifier.weight is [2, 8], but config.json asks for [3, 8]",
    );
  });

  it("lists what the model does not have, under the file's names", () => {
    const shapes = whole()
      .set("cls.predictions.bias", [11])
      .set("cls.seq_relationship.weight", [2, 8])
      .set("bert.embeddings.position_ids", [1, 6])
      .set("embeddings.token_type_ids", [1, 6]);
    const { unused, loaded } = plan(shapes);
    expect(unused).toEqual(["cls.predictions.bias", "cls.seq_relationship.weight"]);
    expect(loaded).toBe(SPECS.length);
  });
});

describe("loadWeights", () => {
  it("reads each tensor into its parameter and starts the others by the seed", async () => {
    const file = checkpoint(without("classifier"));
    const names = [...file.tensors.keys()];
    const load = async (seed: number) => {
      const store = await ParameterStore.create(SPECS, { training: false, batchBytes: 0 });
      for (const { weight } of store.parameters) weight.fill(-1);
      const found = planWeights(file, SPECS, "models/x", { complete: false });
      await loadWeights(file, found, store, { seed, initializerRange: 0.5 });
      return store;
    };
    const store = await load(1);
    for (const name of names) {
      expect(new Set(store.get(name).weight), name).toEqual(new Set([1 + names.indexOf(name)]));
    }
    const classifier = store.get("classifier.weight").weight;
    expect(new Set(store.get("classifier.bias").weight)).toEqual(new Set([0]));
    expect(new Set(classifier).size).toBe(24);
    expect((await load(1)).get("classifier.weight").weight).toEqual(classifier);
    expect((await load(2)).get("classifier.weight").weight).not.toEqual(classifier);
  });
});
